// Writes what wmbusmeters publishes for a telegram, for the simulator and for round trips.
import type { Decimal } from "#devices/decimal";

export type WmbusFields = {
  /** `cold water`, `heat`, `electricity`… */
  readonly media: string;
  /** Name of the driver. */
  readonly meter: string;
  /** Eight digits. */
  readonly id: string;
  /** When the receiver heard it. */
  readonly observedAtMs: number;
  /** By field with its unit: `total_m3`, `flow_temperature_c`. */
  readonly values: ReadonlyMap<string, Decimal>;
};

/** The JSON text as bytes; values keep their digits. The topic is the user's. */
export function encodeWmbus({ media, meter, id, observedAtMs, values }: WmbusFields): Buffer {
  const head = { _: "telegram", media, meter, name: id, id, status: "OK" };
  const members = [...values].map(([field, value]) => `${JSON.stringify(field)}:${value}`);
  // Whole seconds are all that it writes.
  const timestamp = new Date(observedAtMs).toISOString().replace(/\.\d+Z$/, "Z");
  return Buffer.from(
    `${JSON.stringify(head).slice(0, -1)},${[...members, `"timestamp":"${timestamp}"`].join(",")}}`,
  );
}
