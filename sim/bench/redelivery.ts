// ingest.redelivered: what a broker is worth on the day after an outage, when everything is sent again.
import { DAY_MS, systemTime } from "#devices/time";
import type { BenchDevice } from "./bench-devices.ts";
import { benchLine, progress, significant, type BenchLine } from "./bench-line.ts";
import { publishLoad, type Load, type Target } from "./publish-load.ts";

export const REDELIVERY_DEVICE_COUNT = 200;
const MESSAGES_PER_CLIENT = 2000;

/** The same messages twice: the second time every one of them is in the store already. */
export async function benchRedelivery(ours: Target, devices: readonly BenchDevice[]): Promise<BenchLine> {
  progress(`${devices.length * MESSAGES_PER_CLIENT} messages, and the same again`);
  const load: Load = {
    pace: { window: 20, count: MESSAGES_PER_CLIENT },
    records: 1,
    processes: 2,
    warmUpMs: 0,
    measureMs: 0,
    fromMs: systemTime.now() - 3 * DAY_MS,
  };
  const fresh = await publishLoad(load, ours, devices);
  const again = await publishLoad(load, ours, devices);
  return benchLine({
    name: "ingest.redelivered",
    value: again.messagesPerS,
    unit: "msg/s",
    reference: "the same messages for the first time",
    referenceValue: fresh.messagesPerS,
    context: {
      clients: devices.length,
      messagesPerClient: MESSAGES_PER_CLIENT,
      acknowledgedAgain: again.acknowledged,
      brokerCpuCores: significant(again.brokerCpuCores),
      referenceCpuCores: significant(fresh.brokerCpuCores),
    },
  });
}
