// Our broker as the benchmarks measure it: a process of its own, its limits out of the way, its metrics open.
import { startProcess, type OwnProcess } from "../process.ts";

export type BenchServices = {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly folder: string;
};

/** Far above what any benchmark sends: rates are not what is measured. */
const RATE_MAX = "1000000";

export function startBenchBroker(services: BenchServices): Promise<OwnProcess> {
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
      METRICS_PORT: "0",
      MQTT_DEVICE_RATE_MAX: RATE_MAX,
      MQTT_BUILDING_RATE_MAX: RATE_MAX,
      LOG_LEVEL: "warn",
    },
  });
}

export function mqttPort(broker: OwnProcess): number {
  return Number(new URL(broker.ready().mqtt ?? "").port);
}

/** A figure of its metrics: the sum of the lines of that name. */
export async function metricOf(broker: OwnProcess, name: string): Promise<number> {
  const text = await (await fetch(String(broker.ready()["metrics"]))).text();
  let sum = 0;
  for (const line of text.split("\n")) {
    if (line.startsWith(`${name} `) || line.startsWith(`${name}{`))
      sum += Number(line.slice(line.lastIndexOf(" ")));
  }
  return sum;
}
