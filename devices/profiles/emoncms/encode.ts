// Writes what emonHub publishes of a node: a topic a key, or one JSON object; for the simulator, and for round trips.
import type { Decimal } from "#devices/decimal";

export type EmoncmsFields = {
  readonly node: string;
  /** By key: `power1` in W, `E1` in Wh, `T1` in °C… */
  readonly values: Readonly<Record<string, Decimal>>;
  /** All in one object, with its time in seconds; topics have no place for one. */
  readonly json?: { readonly observedAtMs: number | undefined };
};

export type EmoncmsMessage = { readonly topic: string; readonly payload: Buffer };

/** On the usual base, `emon`. */
export function encodeEmoncms({ node, values, json }: EmoncmsFields): EmoncmsMessage[] {
  const entries = Object.entries(values);
  if (json === undefined) {
    return entries.map(([key, value]) => ({ topic: `emon/${node}/${key}`, payload: Buffer.from(value) }));
  }
  const fields = entries.map(([key, value]) => `${JSON.stringify(key)}: ${value}`);
  if (json.observedAtMs !== undefined) fields.push(`"time": ${json.observedAtMs / 1000}`);
  return [{ topic: `emon/${node}`, payload: Buffer.from(`{${fields.join(", ")}}`) }];
}
