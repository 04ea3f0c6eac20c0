// ingest.qos1_durable: messages a second that our broker acknowledges after their commit, beside a Mosquitto that stores nothing.
import { DAY_MS, SECOND_MS, systemTime } from "#devices/time";
import type { BenchDevice } from "./bench-devices.ts";
import { benchLine, progress, significant, type BenchLine } from "./bench-line.ts";
import { publishLoad, type Load, type Measured, type Target } from "./publish-load.ts";

type Clients = { readonly clients: number; readonly window: number; readonly processes: number };

/** Clients times what each keeps in flight. */
const LOADS: readonly Clients[] = [
  { clients: 1, window: 1000, processes: 1 },
  { clients: 100, window: 20, processes: 2 },
  { clients: 1000, window: 10, processes: 2 },
];
/** Every load has devices of its own, or it would send what the store already has. */
export const QOS1_DEVICE_COUNT = LOADS.reduce((count, load) => count + load.clients, 0);
const WARM_UP_MS = 2 * SECOND_MS;
const MEASURE_MS = 6 * SECOND_MS;
const HISTORY_MS = 2 * DAY_MS;

/** One line per load, as soon as it is measured. `devices`: `QOS1_DEVICE_COUNT` of the database, one per client. */
export async function* benchQos1Durable(
  ours: Target,
  mosquitto: Target,
  devices: readonly BenchDevice[],
): AsyncGenerator<BenchLine> {
  let used = 0;
  for (const { clients, window, processes } of LOADS) {
    const own = devices.slice(used, (used += clients));
    progress(`${clients} clients with ${window} in flight each: Mosquitto, then ours`);
    const load: Load = {
      pace: { window },
      records: 1,
      processes,
      warmUpMs: WARM_UP_MS,
      measureMs: MEASURE_MS,
      fromMs: systemTime.now() - HISTORY_MS,
    };
    const reference = await publishLoad(load, mosquitto, own);
    yield lineOf(clients, window, await publishLoad(load, ours, own), reference);
  }
}

function lineOf(clients: number, window: number, ours: Measured, reference: Measured): BenchLine {
  return benchLine({
    name: "ingest.qos1_durable",
    value: ours.messagesPerS,
    unit: "msg/s",
    reference: "mosquitto qos1, stores nothing",
    referenceValue: reference.messagesPerS,
    context: {
      clients,
      inFlightPerClient: window,
      payload: "SenML, one record, distinct timestamps",
      measuredS: MEASURE_MS / SECOND_MS,
      generatorCpuCores: significant(ours.generatorCpuCores),
      brokerCpuCores: significant(ours.brokerCpuCores),
      referenceGeneratorCpuCores: significant(reference.generatorCpuCores),
      referenceCpuCores: significant(reference.brokerCpuCores),
    },
  });
}
