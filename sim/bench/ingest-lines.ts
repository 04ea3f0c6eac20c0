// The lines of the front door, each on a broker of ours beside a Mosquitto, with devices of its own.
import { startMosquitto } from "#services";
import { startBenchBroker, mqttPort, type BenchServices } from "./bench-broker.ts";
import { createBenchDevices, type BenchDevice } from "./bench-devices.ts";
import { progress, type BenchLine } from "./bench-line.ts";
import { benchIdleMemory } from "./idle-memory.ts";
import { benchLatency, LATENCY_DEVICE_COUNT } from "./latency.ts";
import type { Target } from "./publish-load.ts";
import { benchQos1Durable, QOS1_DEVICE_COUNT } from "./qos1-durable.ts";
import { benchRedelivery, REDELIVERY_DEVICE_COUNT } from "./redelivery.ts";
import { benchSoak, SOAK_DEVICE_COUNT } from "./soak.ts";
import { benchTelegramValues, TELEGRAM_DEVICE_COUNT } from "./telegram-values.ts";

const IDLE_DEVICE_COUNT = 10_000;

type Parts = { readonly services: BenchServices; readonly ours: Target; readonly mosquitto: Target };
type Lines = AsyncIterable<BenchLine> | Promise<BenchLine>;

export type IngestLine = {
  readonly name: string;
  readonly devices: number;
  readonly run: (parts: Parts, devices: readonly BenchDevice[]) => Lines;
};

export const INGEST_LINES: readonly IngestLine[] = [
  {
    name: "ingest.qos1_durable",
    devices: QOS1_DEVICE_COUNT,
    run: ({ ours, mosquitto }, devices) => benchQos1Durable(ours, mosquitto, devices),
  },
  {
    name: "ingest.telegram_values",
    devices: TELEGRAM_DEVICE_COUNT,
    run: ({ services, ours }, devices) => benchTelegramValues(services, ours, devices),
  },
  {
    name: "ingest.latency_p99",
    devices: LATENCY_DEVICE_COUNT,
    run: ({ ours, mosquitto }, devices) => benchLatency(ours, mosquitto, devices),
  },
  {
    name: "ingest.redelivered",
    devices: REDELIVERY_DEVICE_COUNT,
    run: ({ ours }, devices) => benchRedelivery(ours, devices),
  },
  {
    name: "ingest.idle_connection",
    devices: IDLE_DEVICE_COUNT,
    run: ({ ours, mosquitto }, devices) => benchIdleMemory(ours, mosquitto, devices),
  },
];

/** One of them, on a broker of ours and a Mosquitto that have just started. */
export async function* benchIngest(services: BenchServices, line: IngestLine): AsyncGenerator<BenchLine> {
  const devices = await createBenchDevices(services.databaseUrl, line.devices);
  const mosquitto = await startMosquitto({ folder: services.folder, report: progress });
  try {
    const broker = await startBenchBroker(services);
    try {
      const ours = { port: mqttPort(broker), pid: broker.pid() };
      const lines = line.run({ services, ours, mosquitto }, devices);
      if ("then" in lines) yield await lines;
      else yield* lines;
    } finally {
      await broker.kill();
    }
  } finally {
    await mosquitto.stop();
  }
}

/** Takes ten minutes. */
export async function benchIngestSoak(services: BenchServices): Promise<BenchLine> {
  const devices = await createBenchDevices(services.databaseUrl, SOAK_DEVICE_COUNT);
  const broker = await startBenchBroker(services);
  try {
    return await benchSoak(broker, devices);
  } finally {
    await broker.kill();
  }
}
