// A load of publishes from several processes on one broker, with what it cost whom.
import { fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { cpuTimeMs } from "./cpu-time.ts";
import type { BenchDevice } from "./bench-devices.ts";
import type { PublisherResult, PublisherTask } from "./publisher.ts";

export type Target = { readonly port: number; readonly pid: number };

/** A task for `processes` publishers together; a pace by the clock is shared out among them. */
export type Load = Pick<PublisherTask, "pace" | "records" | "warmUpMs" | "measureMs" | "fromMs"> & {
  readonly processes: number;
};

export type Measured = {
  readonly messagesPerS: number;
  readonly acknowledged: number;
  readonly generatorCpuCores: number;
  readonly brokerCpuCores: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
};

export async function publishLoad(
  load: Load,
  target: Target,
  devices: readonly (BenchDevice & { readonly topic?: string })[],
): Promise<Measured> {
  const run = randomBytes(4).toString("hex");
  const clients = devices.map(({ id, secret, topic }) => ({
    username: id,
    password: secret,
    clientId: `${run}-${id}`,
    ...(topic === undefined ? {} : { topic }),
  }));
  const { processes, pace } = load;
  const cpuBeforeMs = cpuTimeMs(target.pid);
  const startedMs = performance.now();
  const results = await Promise.all(
    Array.from({ length: processes }, (_, part) =>
      publish({
        ...load,
        host: "127.0.0.1",
        port: target.port,
        clients: clients.filter((_client, index) => index % processes === part),
        pace: "window" in pace ? pace : { messagesPerS: pace.messagesPerS / processes },
      }),
    ),
  );
  const latenciesMs = results.flatMap((result) => result.latenciesMs).sort((a, b) => a - b);
  const percentile = (share: number): number => latenciesMs[Math.floor(latenciesMs.length * share)] ?? 0;
  return {
    messagesPerS: sum(results.map(({ acknowledged, measuredMs }) => (acknowledged / measuredMs) * 1000)),
    acknowledged: sum(results.map(({ acknowledged }) => acknowledged)),
    generatorCpuCores: sum(results.map(({ cpuMs, measuredMs }) => cpuMs / measuredMs)),
    brokerCpuCores: (cpuTimeMs(target.pid) - cpuBeforeMs) / (performance.now() - startedMs),
    p50Ms: percentile(0.5),
    p99Ms: percentile(0.99),
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
