// Which acknowledged messages lie in quarantine, where nothing of them is read, and whether they belong there. Pure.
import type { FaultKind } from "../story/fault-kinds.ts";
import type { Delivery } from "../story/story.ts";

/** After these a message cannot be read. Clocks are wrong by hours at most, which is refused of none. */
const UNREADABLE: ReadonlySet<FaultKind> = new Set(["corruption"]);

export type SplitDeliveries = {
  readonly readable: readonly Delivery[];
  /** In quarantine, though nothing was done to them that makes them unreadable. */
  readonly refusedCount: number;
};

/** As a message in quarantine is known again: by its device's key and its payload. */
export const quarantineKey = (device: string, payload: Buffer): string =>
  `${device} ${payload.toString("base64")}`;

export function splitQuarantined(
  acknowledged: Iterable<Delivery>,
  quarantined: ReadonlySet<string>,
): SplitDeliveries {
  const readable: Delivery[] = [];
  let refusedCount = 0;
  for (const delivery of acknowledged) {
    const { device, payload, marks } = delivery;
    if (quarantined.size === 0 || !quarantined.has(quarantineKey(device, payload))) readable.push(delivery);
    else if (!marks.some((mark) => UNREADABLE.has(mark))) refusedCount += 1;
  }
  return { readable, refusedCount };
}
