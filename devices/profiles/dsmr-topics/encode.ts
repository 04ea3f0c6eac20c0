// Writes a telegram as DSMR-reader and the Smart Gateways adapter split it over topics: for the simulator, and for round trips.
import type { Decimal } from "#devices/decimal";

export type DsmrFields = {
  /** With its slash at the end; "" for none. */
  readonly prefix: string;
  /** `undefined`: the sender tells no time, as the Smart Gateways adapter does not. */
  readonly observedAtMs: number | undefined;
  /** By field of `dsmr/reading/`: `electricity_delivered_1` in kWh, `phase_voltage_l1` in V… as the sender writes them. */
  readonly fields: Readonly<Record<string, Decimal>>;
  readonly gas?: { readonly observedAtMs: number | undefined; readonly volumeM3: Decimal };
  readonly serials?: { readonly electricity?: string; readonly gas?: string };
};

export type DsmrMessage = { readonly topic: string; readonly payload: Buffer };

/** Serial numbers first, then the time, then the values of that time. */
export function encodeDsmrTopics({ prefix, observedAtMs, fields, gas, serials }: DsmrFields): DsmrMessage[] {
  const entries: (readonly [field: string, text: string | undefined])[] = [
    ["electricity_equipment_id", serials?.electricity],
    ["gas_equipment_id", serials?.gas],
    ["timestamp", instantText(observedAtMs)],
    ...Object.entries(fields),
    ["extra_device_timestamp", instantText(gas?.observedAtMs)],
    ["extra_device_delivered", gas?.volumeM3],
  ];
  return entries.flatMap(([field, text]) =>
    text === undefined ? [] : [{ topic: `${prefix}dsmr/reading/${field}`, payload: Buffer.from(text) }],
  );
}

/** Whole seconds, in UTC. */
function instantText(atMs: number | undefined): string | undefined {
  return atMs === undefined ? undefined : new Date(atMs).toISOString().replace(/\.\d+Z$/, "Z");
}
