// ingest.reconnect_storm: how long until 10,000 devices that lost their broker at the same moment are all back.
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { OwnProcess } from "../process.ts";
import { metricOf, mqttPort, startBenchBroker, type BenchServices } from "./bench-broker.ts";
import { createBenchDevices } from "./bench-devices.ts";
import { benchLine, progress, significant, type BenchLine } from "./bench-line.ts";
import { cpuTimeMs } from "./cpu-time.ts";
import type { StormResult, StormTask } from "./storm.ts";

const DEVICE_COUNT = 10_000;
/** All of them back within this, on two cores with PostgreSQL and the devices beside the broker: what was asked. */
const WITHIN_S = 30;
/** What a storm of independent devices looks like from the broker: as many at once as come, and all of them. */
const AT_ONCE = [500, DEVICE_COUNT] as const;

/** A line for each way to come back; every time a broker that has just started and remembers nobody. */
export async function* benchReconnectStorm(services: BenchServices): AsyncGenerator<BenchLine> {
  progress(`registering ${DEVICE_COUNT} devices`);
  const devices = await createBenchDevices(services.databaseUrl, DEVICE_COUNT);
  for (const atOnce of AT_ONCE) {
    progress(`${DEVICE_COUNT} devices come back, ${atOnce} at once`);
    const broker = await startBenchBroker(services);
    try {
      yield await measure(broker, { host: "127.0.0.1", port: mqttPort(broker), devices, atOnce });
    } finally {
      await broker.kill();
    }
  }
}

async function measure(broker: OwnProcess, task: StormTask): Promise<BenchLine> {
  const cpuBeforeMs = cpuTimeMs(broker.pid());
  const { result, end } = await connectAll(task);
  const { answers, tookMs, latenciesMs } = result;
  end();
  const brokerCpuMs = cpuTimeMs(broker.pid()) - cpuBeforeMs;
  const percentile = (share: number): number =>
    significant(latenciesMs[Math.floor(latenciesMs.length * share)] ?? 0);
  return benchLine({
    name: "ingest.reconnect_storm",
    value: task.devices.length / (tookMs / 1000),
    unit: "connects/s",
    reference: `${DEVICE_COUNT} connects in ${WITHIN_S} s`,
    referenceValue: DEVICE_COUNT / WITHIN_S,
    context: {
      devices: task.devices.length,
      atOnce: task.atOnce,
      answersByCode: answers,
      tookS: significant(tookMs / 1000),
      p50Ms: percentile(0.5),
      p99Ms: percentile(0.99),
      queries: await metricOf(broker, "koprogo_mqtt_credential_lookups_total"),
      brokerCpuS: significant(brokerCpuMs / 1000),
    },
  });
}

export type Connected = {
  readonly result: StormResult;
  /** Closes all of them. */
  readonly end: () => void;
};

/** Connects the devices from a process of its own, in which they stay connected until the end. */
export function connectAll(task: StormTask): Promise<Connected> {
  const child = fork(fileURLToPath(new URL("./storm.ts", import.meta.url)));
  return new Promise((resolve, reject) => {
    child.once("message", (result) =>
      resolve({ result: result as StormResult, end: () => child.disconnect() }),
    );
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`the storm ended with ${code} before its result`)));
    child.send(task);
  });
}
