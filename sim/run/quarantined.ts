// Which acknowledged messages lie in quarantine, where nothing of them is read, and whether they belong there. Pure.
import type { FaultKind } from "../story/fault-kinds.ts";
import type { Delivery } from "../story/story.ts";

/** After these a message cannot be read. Clocks are wrong by hours at most, which is refused of none. */
const UNREADABLE: ReadonlySet<FaultKind> = new Set(["corruption"]);

export type SplitDeliveries = {
  readonly readable: readonly Delivery[];
  /** In quarantine, though nothing was done to them that makes them unreadable. */
  readonly refused: readonly Delivery[];
};

/** As a message in quarantine is known again: by its device's key and its payload. */
export const quarantineKey = (device: string, payload: Buffer): string =>
  `${device} ${payload.toString("base64")}`;

export function splitQuarantined(
  acknowledged: Iterable<Delivery>,
  quarantined: ReadonlySet<string>,
): SplitDeliveries {
  const readable: Delivery[] = [];
  const refused: Delivery[] = [];
  for (const delivery of acknowledged) {
    const { device, payload, marks } = delivery;
    if (quarantined.size === 0 || !quarantined.has(quarantineKey(device, payload))) readable.push(delivery);
    else if (!marks.some((mark) => UNREADABLE.has(mark))) refused.push(delivery);
  }
  return { readable, refused };
}

/**
 * Less those that were sent with QoS 0 when nothing by which their device introduced itself had arrived: a birth that is lost leaves what
 * follows unreadable, until the device is born anew.
 */
export function withoutUnintroduced(
  refused: readonly Delivery[],
  sent: readonly Delivery[],
  arrived: ReadonlySet<Delivery>,
): Delivery[] {
  const place = new Map(sent.map((delivery, at) => [delivery, at]));
  const introducedAt = new Map<string, number>();
  for (const [at, delivery] of sent.entries()) {
    if (delivery.introduces === true && arrived.has(delivery) && !introducedAt.has(delivery.device))
      introducedAt.set(delivery.device, at);
  }
  return refused.filter(
    (delivery) =>
      delivery.qos > 0 || (place.get(delivery) ?? 0) > (introducedAt.get(delivery.device) ?? Infinity),
  );
}
