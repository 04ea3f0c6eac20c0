// Writes a message of Tasmota's sensors, for the simulator and for round trips.
import type { Decimal } from "#devices/decimal";

export type TasmotaFields = {
  readonly observedAtMs: number;
  /** IANA zone to which the device's clock is set: its time is local, to the second. */
  readonly timezone: string;
  /** By group, by key: `ENERGY`, `Total`. A list is one of phases. */
  readonly groups: ReadonlyMap<string, ReadonlyMap<string, Decimal | readonly Decimal[]>>;
};

/** The JSON text as bytes; values keep their digits. Published on `tele/<topic>/SENSOR`. */
export function encodeTasmota({ observedAtMs, timezone, groups }: TasmotaFields): Buffer {
  const wall = Temporal.Instant.fromEpochMilliseconds(observedAtMs).toZonedDateTimeISO(timezone);
  const time = wall.toPlainDateTime().round({ smallestUnit: "second", roundingMode: "floor" });
  const texts = [...groups].map(([group, fields]) => {
    const members = [...fields].map(
      ([key, value]) =>
        `${JSON.stringify(key)}:${typeof value === "string" ? value : `[${value.join(",")}]`}`,
    );
    return `${JSON.stringify(group)}:{${members.join(",")}}`;
  });
  return Buffer.from(`{"Time":"${time.toString()}",${[...texts, '"TempUnit":"C"'].join(",")}}`);
}
