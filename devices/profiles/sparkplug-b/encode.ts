// Writes Sparkplug B messages, for the simulator and for round trips.
import { get } from "sparkplug-payload";
import type { Decimal } from "#devices/decimal";

const encoder = get("spBv1.0");

export type SparkplugMetric = {
  readonly name: string;
  readonly alias: number;
  /** Written as a double. */
  readonly value: Decimal;
  readonly unit: string;
  readonly observedAtMs: number;
};

/** A birth names its metrics; data sends the alias alone. `seq` from 0 to 255. */
export function encodeSparkplug(
  kind: "birth" | "data",
  seq: number,
  observedAtMs: number,
  metrics: readonly SparkplugMetric[],
): Uint8Array {
  if (encoder === null) throw new Error("sparkplug-payload does not know spBv1.0");
  return encoder.encodePayload({
    timestamp: observedAtMs,
    seq,
    metrics: metrics.map(({ name, alias, value, unit, observedAtMs: timestamp }) => ({
      ...(kind === "birth"
        ? { name, properties: { engUnit: { type: "String" as const, value: unit } } }
        : {}),
      alias,
      timestamp,
      type: "Double" as const,
      value: Number(value),
    })),
  });
}
