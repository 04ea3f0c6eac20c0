// ingest.soak: ten minutes at a steady rate; what the broker keeps in memory must not grow.
import { setTimeout as sleep } from "node:timers/promises";
import { HOUR_MS, MINUTE_MS, SECOND_MS, systemTime } from "#devices/time";
import type { OwnProcess } from "../process.ts";
import { metricOf, mqttPort } from "./bench-broker.ts";
import type { BenchDevice } from "./bench-devices.ts";
import { benchLine, progress, significant, type BenchLine } from "./bench-line.ts";
import { residentBytes } from "./idle-memory.ts";
import { publishLoad } from "./publish-load.ts";

export const SOAK_DEVICE_COUNT = 500;
const MESSAGES_PER_S = 5000;
const SOAK_MS = 10 * MINUTE_MS;
const WARM_UP_MS = 30 * SECOND_MS;
const SAMPLE_EVERY_MS = 2 * SECOND_MS;

/** The median of the last third beside that of the first: the collector's saw-tooth is in both. */
export async function benchSoak(broker: OwnProcess, devices: readonly BenchDevice[]): Promise<BenchLine> {
  progress(`${MESSAGES_PER_S} messages a second for ${SOAK_MS / MINUTE_MS} minutes`);
  const heap: number[] = [];
  const resident: number[] = [];
  const running = new AbortController();
  const sampled = (async () => {
    await sleep(WARM_UP_MS);
    while (!running.signal.aborted) {
      heap.push(await metricOf(broker, "nodejs_heap_size_used_bytes"));
      resident.push(residentBytes(broker.pid()));
      await sleep(SAMPLE_EVERY_MS);
    }
  })();
  const measured = await publishLoad(
    {
      pace: { messagesPerS: MESSAGES_PER_S },
      records: 1,
      processes: 1,
      warmUpMs: WARM_UP_MS,
      measureMs: SOAK_MS,
      fromMs: systemTime.now() - HOUR_MS,
    },
    { port: mqttPort(broker), pid: broker.pid() },
    devices,
  );
  running.abort();
  await sampled;
  const [first, last] = [thirdOf(heap, 0), thirdOf(heap, 2)];
  return benchLine({
    name: "ingest.soak",
    value: last / 2 ** 20,
    unit: "MiB of heap, last third",
    reference: "the first third",
    referenceValue: first / 2 ** 20,
    context: {
      messagesPerS: significant(measured.messagesPerS),
      minutes: SOAK_MS / MINUTE_MS,
      acknowledged: measured.acknowledged,
      p50Ms: significant(measured.p50Ms),
      p99Ms: significant(measured.p99Ms),
      residentMiB: [thirdOf(resident, 0), thirdOf(resident, 2)].map((bytes) => significant(bytes / 2 ** 20)),
      brokerCpuCores: significant(measured.brokerCpuCores),
    },
  });
}

/** The median of the first, second or last third. */
function thirdOf(values: readonly number[], third: 0 | 1 | 2): number {
  const length = Math.floor(values.length / 3);
  const part = values.slice(third * length, (third + 1) * length).sort((a, b) => a - b);
  return part[Math.floor(part.length / 2)] ?? 0;
}
