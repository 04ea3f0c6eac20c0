// The whole product as real processes on given services: migrations, then broker, analytics and API on free ports.
import { randomBytes } from "node:crypto";
import { migrate } from "#store";
import { startProcess, type OwnProcess } from "./process.ts";

export type Stack = {
  /** `mqtt://127.0.0.1:port` */
  readonly mqttUrl: string;
  /** All listeners of the broker: plain, and with TLS and WebSocket where `env` asks for them. */
  readonly mqttUrls: readonly string[];
  /** `http://127.0.0.1:port` */
  readonly apiUrl: string;
  /** The one administrator of the empty database. */
  readonly admin: { readonly email: string; readonly password: string };
  readonly broker: OwnProcess;
  readonly analytics: OwnProcess;
  readonly api: OwnProcess;
  /** Ends the processes in reverse order of their start. The services are the caller's. */
  stop(): Promise<void>;
};

export type StackOptions = {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  /** For what the processes keep on disk; a throw-away folder in tests. */
  readonly dataDir: string;
  /** Added to the environment of every process, such as `KOPROGO_COHORT_MIN`. */
  readonly env?: Readonly<Record<string, string>>;
};

/**
 * Brings the product up and waits until each process is ready. Addresses stay the same over `restart()`.
 * @throws Error with the log of the process that did not come up; the others are stopped first.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  await migrate(options.databaseUrl);
  const admin = { email: "admin@koprogo.example", password: randomBytes(18).toString("base64url") };
  const env = {
    ...process.env,
    DATABASE_URL: options.databaseUrl,
    REDIS_URL: options.redisUrl,
    KOPROGO_DATA_DIR: options.dataDir,
    KOPROGO_ADMIN_EMAIL: admin.email,
    KOPROGO_ADMIN_PASSWORD: admin.password,
    MQTT_HOST: "127.0.0.1",
    HTTP_HOST: "127.0.0.1",
    MQTT_PORT: "0",
    HTTP_PORT: "0",
    MQTTS_PORT: "",
    MQTT_WS_PORT: "",
    ...options.env,
  };
  const started: OwnProcess[] = [];
  const stop = async () => {
    for (const running of started.toReversed()) await running.kill();
  };
  const start = async (name: string, pinPorts: Readonly<Record<string, string>>) => {
    const running = await startProcess({ name, entry: `${name}/main.ts`, env, pinPorts });
    started.push(running);
    return running;
  };
  try {
    const broker = await start("broker", { mqtt: "MQTT_PORT", mqtts: "MQTTS_PORT", ws: "MQTT_WS_PORT" });
    const analytics = await start("analytics", {});
    const api = await start("api", { http: "HTTP_PORT" });
    const mqttUrl = addressOf(broker, "mqtt");
    const { mqtts, ws } = broker.ready();
    const mqttUrls = [mqttUrl, mqtts, ws].filter((url): url is string => typeof url === "string");
    const apiUrl = addressOf(api, "http");
    return { mqttUrl, mqttUrls, apiUrl, admin, broker, analytics, api, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function addressOf(running: OwnProcess, kind: "mqtt" | "http"): string {
  const address = running.ready()[kind];
  if (address === undefined) throw new Error(`${running.name} was ready without saying its ${kind} address`);
  return address;
}
