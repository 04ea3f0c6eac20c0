// ingest.latency_p99: from when a publish was due to its PUBACK, at a fixed rate, beside a Mosquitto that stores nothing.
import { HOUR_MS, SECOND_MS, systemTime } from "#devices/time";
import type { BenchDevice } from "./bench-devices.ts";
import { benchLine, progress, significant, type BenchLine } from "./bench-line.ts";
import { publishLoad, type Load, type Target } from "./publish-load.ts";

export const LATENCY_DEVICE_COUNT = 500;
const MESSAGES_PER_S = 5000;
const MEASURE_MS = 10 * SECOND_MS;

/** Open loop: a late answer delays none of the next, and counts from when its publish was due. */
export async function benchLatency(
  ours: Target,
  mosquitto: Target,
  devices: readonly BenchDevice[],
): Promise<BenchLine> {
  progress(`${MESSAGES_PER_S} messages a second from ${devices.length} clients: Mosquitto, then ours`);
  const load: Load = {
    pace: { messagesPerS: MESSAGES_PER_S },
    records: 1,
    processes: 1,
    warmUpMs: 3 * SECOND_MS,
    measureMs: MEASURE_MS,
    fromMs: systemTime.now() - HOUR_MS,
  };
  const reference = await publishLoad(load, mosquitto, devices);
  const measured = await publishLoad(load, ours, devices);
  return benchLine({
    name: "ingest.latency_p99",
    value: measured.p99Ms,
    unit: "ms",
    reference: "mosquitto qos1, stores nothing",
    referenceValue: reference.p99Ms,
    context: {
      clients: devices.length,
      messagesPerS: significant(measured.messagesPerS),
      p50Ms: significant(measured.p50Ms),
      referenceP50Ms: significant(reference.p50Ms),
      measuredS: MEASURE_MS / SECOND_MS,
      brokerCpuCores: significant(measured.brokerCpuCores),
      generatorCpuCores: significant(measured.generatorCpuCores),
    },
  });
}
