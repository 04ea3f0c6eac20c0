// `node sim/bench/external-broker-main.ts`: what `ingest/main.ts` takes off a Mosquitto and commits, one JSON object a line.
//
// By the clock: what 5,000 messages a second cost. Saturated: publishers fill Mosquitto faster than it is emptied, so the
// rate is that of the commits. Beside it the rate at which Mosquitto acknowledged the same publishers.
import { setTimeout as sleep } from "node:timers/promises";
import { systemTime } from "#devices/time";
import { startMosquitto, startThrowAwayServices, type Mosquitto, type ThrowAway } from "#services";
import { migrate } from "#store";
import { startProcess, type OwnProcess } from "../process.ts";
import { createBenchDevices } from "./bench-devices.ts";
import { benchLine, printLine, progress, significant, type BenchLine } from "./bench-line.ts";
import { cpuTimeMs } from "./cpu-time.ts";
import { publishLoad, type Load } from "./publish-load.ts";

const CLIENTS = 100;
const WARM_UP_MS = 2000;
const MEASURE_MS = 6000;
const HISTORY_MS = 2 * 86_400_000;
const LOOK_EVERY_MS = 200;
/** Nothing was committed for this long: the queue is empty. */
const QUIET_MS = 1000;
const DRAIN_WITHIN_MS = 120_000;

const PACES: readonly Load["pace"][] = [{ messagesPerS: 5000 }, { window: 20 }];

type Sample = { readonly atMs: number; readonly cpuMs: number; readonly committed: number };

async function measure(
  pace: Load["pace"],
  services: ThrowAway,
  mosquitto: Mosquitto,
  consumer: OwnProcess,
): Promise<BenchLine> {
  const devices = await createBenchDevices(services.databaseUrl, CLIENTS);
  const fromMs = systemTime.now() - HISTORY_MS;
  const published = publishLoad(
    { pace, records: 1, processes: 2, warmUpMs: WARM_UP_MS, measureMs: MEASURE_MS, fromMs },
    mosquitto,
    devices.map((device) => ({ ...device, topic: `d/${device.id}/bench` })),
  );
  await sleep(WARM_UP_MS);
  const from = await sample(consumer);
  const reference = await published;
  const to = await drained(consumer);
  const tookMs = to.atMs - from.atMs;
  const count = to.committed - from.committed;
  const cpuMs = to.cpuMs - from.cpuMs;
  return benchLine({
    name: "ingest.external_broker",
    value: (count / tookMs) * 1000,
    unit: "msg/s",
    reference: "mosquitto qos1, acknowledged to the publishers meanwhile",
    referenceValue: reference.messagesPerS,
    context: {
      clients: CLIENTS,
      pace,
      payload: "SenML, one record, distinct timestamps",
      committed: count,
      tookS: significant(tookMs / 1000),
      consumerCpuCores: significant(cpuMs / tookMs),
      consumerCpuUsPerMessage: significant((cpuMs * 1000) / count),
      mosquittoCpuCores: significant(reference.brokerCpuCores),
      generatorCpuCores: significant(reference.generatorCpuCores),
    },
  });
}

/** The last moment at which something was committed. */
async function drained(consumer: OwnProcess): Promise<Sample> {
  const startedMs = performance.now();
  let last = await sample(consumer);
  for (;;) {
    await sleep(LOOK_EVERY_MS);
    const now = await sample(consumer);
    if (now.committed !== last.committed) last = now;
    else if (now.atMs - last.atMs > QUIET_MS) return last;
    if (now.atMs - startedMs > DRAIN_WITHIN_MS) throw new Error("the consumer does not catch up");
  }
}

async function sample(consumer: OwnProcess): Promise<Sample> {
  const text = await (await fetch(String(consumer.ready()["metrics"]))).text();
  const [, committed] = /^koprogo_ingest_acknowledged_total (\d+)$/m.exec(text) ?? [];
  if (committed === undefined) throw new Error("the metrics do not say what was acknowledged");
  return { atMs: performance.now(), cpuMs: cpuTimeMs(consumer.pid()), committed: Number(committed) };
}

function startConsumer(services: ThrowAway, mosquitto: Mosquitto): Promise<OwnProcess> {
  return startProcess({
    name: "ingest",
    entry: "ingest/main.ts",
    env: {
      PATH: process.env["PATH"],
      DATABASE_URL: services.databaseUrl,
      REDIS_URL: services.redisUrl,
      MQTT_UPSTREAM_URL: `mqtt://127.0.0.1:${mosquitto.port}`,
      METRICS_PORT: "0",
      LOG_LEVEL: "warn",
    },
  });
}

const services = await startThrowAwayServices({ report: progress });
const mosquitto = await startMosquitto({
  folder: services.folder,
  report: progress,
  settings: ["allow_anonymous true", "persistence false", "max_queued_messages 0"],
});
try {
  await migrate(services.databaseUrl);
  const consumer = await startConsumer(services, mosquitto);
  for (const pace of PACES) printLine(await measure(pace, services, mosquitto, consumer));
  await consumer.kill();
} finally {
  await mosquitto.stop();
  await services.stop();
}
