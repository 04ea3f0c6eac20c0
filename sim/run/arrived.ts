// Which messages with QoS 0 arrived: those of which every reading is there. Nobody acknowledges them, so the product is asked. Pure.
import type { Delivery, Series } from "../story/story.ts";
import { plain, type AnsweredReading } from "./judge-readings.ts";

/** By key of the device and name of the register. */
export type AnsweredReadings = ReadonlyMap<string, ReadonlyMap<string, readonly AnsweredReading[]>>;

export function arrivedOf(
  sent: readonly Delivery[],
  series: ReadonlyMap<string, Series>,
  readings: AnsweredReadings,
): Delivery[] {
  const instants = new Map<string, number[]>();
  for (const [device, registers] of readings) {
    for (const [register, list] of registers) {
      for (const { observedAt, value } of list) {
        const key = keyOf(device, register, value);
        const own = instants.get(key);
        if (own === undefined) instants.set(key, [Date.parse(observedAt)]);
        else own.push(Date.parse(observedAt));
      }
    }
  }
  return sent.filter(
    ({ qos, device, tells }) =>
      qos === 0 &&
      tells.length > 0 &&
      tells.every(({ series: key, register, observedAtMs, value }) => {
        const withinMs = series.get(key)?.datedWithinMs ?? 0;
        const own = instants.get(keyOf(device, register, value)) ?? [];
        return own.some((atMs) => atMs >= observedAtMs && atMs - observedAtMs <= withinMs);
      }),
  );
}

const keyOf = (device: string, register: string, value: string) => `${device}\0${register}\0${plain(value)}`;
