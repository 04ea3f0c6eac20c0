// ingest.qos1_durable: messages a second that our broker acknowledges after their commit, beside a Mosquitto that stores nothing.
import { fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { systemTime } from "#devices/time";
import { startProcess, type OwnProcess } from "../process.ts";
import { benchLine, progress, significant, type BenchLine } from "./bench-line.ts";
import { cpuTimeMs } from "./cpu-time.ts";
import { startMosquitto } from "./mosquitto.ts";
import type { PublisherResult, PublisherTask } from "./publisher.ts";

export type BenchDevice = { readonly id: string; readonly secret: string };

type Load = { readonly clients: number; readonly window: number; readonly processes: number };
type Target = { readonly port: number; readonly pid: number };
type Measured = { readonly messagesPerS: number; readonly generatorCpu: number; readonly brokerCpu: number };

/** Clients times what each keeps in flight. */
const LOADS: readonly Load[] = [
  { clients: 1, window: 1000, processes: 1 },
  { clients: 100, window: 20, processes: 2 },
  { clients: 1000, window: 10, processes: 2 },
];
/** Every load has devices of its own, or it would send what the store already has. */
export const DEVICE_COUNT = LOADS.reduce((count, load) => count + load.clients, 0);
const WARM_UP_MS = 2000;
const MEASURE_MS = 6000;
const HISTORY_MS = 2 * 86_400_000;

/** One line per load, as soon as it is measured. `devices`: `DEVICE_COUNT` of the database, one per client. */
export async function* benchQos1Durable(
  services: { readonly databaseUrl: string; readonly redisUrl: string; readonly folder: string },
  devices: readonly BenchDevice[],
): AsyncGenerator<BenchLine> {
  const mosquitto = await startMosquitto(services.folder);
  const broker = await startBroker(services);
  try {
    const port = Number(new URL(broker.ready().mqtt ?? "").port);
    let used = 0;
    for (const load of LOADS) {
      const own = devices.slice(used, (used += load.clients));
      progress(`${load.clients} clients with ${load.window} in flight each: Mosquitto, then ours`);
      const reference = await measure(load, mosquitto, own);
      const ours = await measure(load, { port, pid: broker.pid() }, own);
      yield lineOf(load, ours, reference);
    }
  } finally {
    await broker.kill();
    await mosquitto.stop();
  }
}

function lineOf(load: Load, ours: Measured, reference: Measured): BenchLine {
  return benchLine({
    name: "ingest.qos1_durable",
    value: ours.messagesPerS,
    unit: "msg/s",
    reference: "mosquitto qos1, stores nothing",
    referenceValue: reference.messagesPerS,
    context: {
      clients: load.clients,
      inFlightPerClient: load.window,
      payload: "SenML, one record, distinct timestamps",
      measuredS: MEASURE_MS / 1000,
      generatorCpuCores: significant(ours.generatorCpu),
      brokerCpuCores: significant(ours.brokerCpu),
      referenceGeneratorCpuCores: significant(reference.generatorCpu),
      referenceCpuCores: significant(reference.brokerCpu),
    },
  });
}

function startBroker(services: {
  databaseUrl: string;
  redisUrl: string;
  folder: string;
}): Promise<OwnProcess> {
  return startProcess({
    name: "broker",
    entry: "broker/main.ts",
    env: {
      ...process.env,
      DATABASE_URL: services.databaseUrl,
      REDIS_URL: services.redisUrl,
      KOPROGO_DATA_DIR: services.folder,
      MQTT_HOST: "127.0.0.1",
      MQTT_PORT: "0",
      MQTTS_PORT: "",
      MQTT_WS_PORT: "",
      LOG_LEVEL: "warn",
    },
  });
}

async function measure(load: Load, target: Target, devices: readonly BenchDevice[]): Promise<Measured> {
  const run = randomBytes(4).toString("hex");
  const clients = devices.map(({ id, secret }) => ({
    username: id,
    password: secret,
    clientId: `${run}-${id}`,
  }));
  const cpuBefore = cpuTimeMs(target.pid);
  const startedMs = performance.now();
  const results = await Promise.all(
    Array.from({ length: load.processes }, (_, part) =>
      publish({
        host: "127.0.0.1",
        port: target.port,
        clients: clients.filter((_client, index) => index % load.processes === part),
        window: load.window,
        warmUpMs: WARM_UP_MS,
        measureMs: MEASURE_MS,
        fromMs: systemTime.now() - HISTORY_MS,
      }),
    ),
  );
  const rates = results.map((result) => (result.acknowledged / result.measuredMs) * 1000);
  return {
    messagesPerS: sum(rates),
    generatorCpu: sum(results.map((result) => result.cpuMs / result.measuredMs)),
    brokerCpu: (cpuTimeMs(target.pid) - cpuBefore) / (performance.now() - startedMs),
  };
}

function publish(task: PublisherTask): Promise<PublisherResult> {
  const child = fork(fileURLToPath(new URL("./publisher.ts", import.meta.url)));
  return new Promise((resolve, reject) => {
    child.once("message", (result) => resolve(result as PublisherResult));
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`the publisher ended with ${code} before its result`)));
    child.send(task);
  });
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
