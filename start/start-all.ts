// `npm start`: everything that the product takes, from the database to the demo, until Ctrl-C.
//
//   services ▶ migrate ▶ broker, analytics, api ▶ demo        (dashboard is built meanwhile)
//   stopped in the reverse order, by Ctrl-C, SIGTERM, SIGHUP, or the end of start.mjs
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { KoproError } from "#devices/error";
import { readConfig, type Config } from "#config";
import { tryLock } from "#services";
import { migrate } from "#store";
import { administrator, type Administrator } from "./administrator.ts";
import { buildDashboard } from "./dashboard.ts";
import { takenPorts } from "./ports.ts";
import { PROJECT, STOP_EVENTS } from "./run.ts";
import { accountsOf, summaryBox, type Account } from "./summary.ts";
import { Supervised, type Message } from "./supervised.ts";

const USAGE = `npm start [-- --no-demo | --validate]
  starts the product and stays in the foreground until Ctrl-C
  --no-demo   an empty database and one administrator instead of the demo portfolio
  --validate  only checks the environment
Ports, addresses and folders come from the environment, see README.md.
`;

/** Small enough for the demo's few buildings, and never silently so. */
const DEMO_COHORT_MIN = "3";
const READY_TIMEOUT_MS = 60_000;
/** The first start downloads the services; the demo first fills days of history. */
const LONG_TIMEOUT_MS = 600_000;
/** npm and start.mjs pass on the Ctrl-C that the terminal has sent to all of us already: that is not a second one. */
const SAME_INTERRUPT_MS = 700;

export async function startAll(args: readonly string[]): Promise<number> {
  const options = readArguments(args);
  if (options.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const config = readConfig(process.env);
  if (options.validate) return 0;
  const dataFolder = resolve(PROJECT, config.KOPROGO_DATA_DIR);
  const lock = await tryLock(join(dataFolder, "start"));
  if (!("release" in lock)) {
    throw new KoproError(
      "config_invalid",
      `npm start (process ${lock.pid ?? "?"}) already runs on ${dataFolder}: stop it, or set KOPROGO_DATA_DIR, HTTP_PORT and MQTT_PORT to others.`,
    );
  }
  const taken = await takenPorts(portsOf(config));
  if (taken.length > 0) throw new KoproError("config_invalid", taken.join("\n"));
  try {
    return await new House(config, dataFolder, options.demo).run();
  } finally {
    await lock.release();
  }
}

/** The processes of one start and what they have told about themselves. */
class House {
  readonly #dataFolder: string;
  readonly #demo: boolean;
  readonly #admin: Administrator;
  /** In the order of their start. */
  readonly #processes: Supervised[] = [];
  readonly #stopped = Promise.withResolvers<void>();
  #interruptedMs: number | undefined;
  /** What the children learn beside our own environment; addresses are added as they become known. */
  readonly #env: Record<string, string>;
  #addresses = { mqtt: "", http: "" };
  /** Of the processes that serve no HTTP otherwise; the API shows its own at /metrics. */
  readonly #metricsPorts: Record<string, string>;
  readonly #metrics: Record<string, string> = { broker: "", analytics: "" };
  #accounts: readonly Account[] = [];

  constructor(config: Config, dataFolder: string, demo: boolean) {
    this.#dataFolder = dataFolder;
    this.#demo = demo;
    const { broker = 0, analytics = 0 } = metricsPorts(config);
    this.#metricsPorts = { broker: String(broker), analytics: String(analytics) };
    this.#admin = administrator(dataFolder, {
      email: config.KOPROGO_ADMIN_EMAIL,
      password: config.KOPROGO_ADMIN_PASSWORD,
    });
    this.#env = {
      KOPROGO_DATA_DIR: dataFolder,
      KOPROGO_ADMIN_EMAIL: this.#admin.email,
      KOPROGO_ADMIN_PASSWORD: this.#admin.password,
      ...(demo && !process.env["KOPROGO_COHORT_MIN"] ? { KOPROGO_COHORT_MIN: DEMO_COHORT_MIN } : {}),
    };
  }

  /** Resolves to 0 after it was told to stop and everything has stopped. @throws what kept it from starting. */
  async run(): Promise<number> {
    const interrupt = (): void => void this.#interrupt();
    for (const event of ["SIGINT", ...STOP_EVENTS] as const) process.on(event, interrupt);
    try {
      const startedMs = performance.now();
      await this.#startEverything();
      say(`Ready after ${((performance.now() - startedMs) / 1000).toFixed(0)} s`);
      process.stdout.write(`${this.#summary()}\n`);
    } catch (error) {
      // What fails because we are stopping it is no failure.
      if (this.#interruptedMs === undefined) {
        await this.#stopProcesses();
        throw error;
      }
    }
    await this.#stopped.promise;
    for (const event of ["SIGINT", ...STOP_EVENTS] as const) process.off(event, interrupt);
    return 0;
  }

  async #startEverything(): Promise<void> {
    const [databaseUrl] = await Promise.all([
      this.#startServices(),
      buildDashboard(this.#logFile("dashboard"), say),
    ]);
    const applied = await migrate(databaseUrl);
    if (applied.length > 0) say(`Brought the database to ${applied.at(-1)}`);

    const broker = this.#supervise("broker", "broker/main.ts");
    const analytics = this.#supervise("analytics", "analytics/main.ts");
    const api = this.#supervise("api", "api/main.ts");
    broker.onMessage((message) => this.#learnAddress("mqtt", "MQTT_PORT", message));
    for (const [name, supervised] of Object.entries({ broker, analytics })) {
      supervised.onMessage((message) => this.#learnMetrics(name, message));
    }
    api.onMessage((message) => this.#learnAddress("http", "HTTP_PORT", message));
    say("Starting the broker, the workers and the API");
    await Promise.all([broker.start(), analytics.start(), api.start()]);
    if (this.#demo) await this.#startDemo();
  }

  /** PostgreSQL and Redis, in a process that restarts them when they die. Resolves to the database's address. */
  #startServices(): Promise<string> {
    say("Starting PostgreSQL and Redis");
    const services = this.#supervise("services", "store/services/main.ts", [], LONG_TIMEOUT_MS);
    let known = "";
    services.onMessage(({ report, databaseUrl, redisUrl }) => {
      if (typeof report === "string") say(report);
      if (typeof databaseUrl !== "string" || typeof redisUrl !== "string") return;
      const urls = `${databaseUrl} ${redisUrl}`;
      // After the whole process was killed the ports may be others: whoever has the old addresses starts anew.
      if (known !== "" && known !== urls) this.#restartAllBut(services);
      known = urls;
      Object.assign(this.#env, { DATABASE_URL: databaseUrl, REDIS_URL: redisUrl });
    });
    return services.start().then(() => this.#env["DATABASE_URL"] ?? "");
  }

  async #startDemo(): Promise<void> {
    say("Filling the demo portfolio");
    const { mqtt, http } = this.#addresses;
    const demo = this.#supervise(
      "demo",
      "sim/main.ts",
      ["demo", "--url", mqtt, "--api", http],
      LONG_TIMEOUT_MS,
    );
    demo.onMessage((message) => {
      if (typeof message["report"] === "string") say(message["report"]);
      if (message["ready"] === true) this.#accounts = accountsOf(message);
    });
    await demo.start();
  }

  #supervise(name: string, file: string, args: string[] = [], readyTimeoutMs = READY_TIMEOUT_MS): Supervised {
    const env = (): Record<string, string> =>
      // The services look at the addresses that were given, not at those they have found.
      name === "services"
        ? { KOPROGO_DATA_DIR: this.#dataFolder }
        : { ...this.#env, METRICS_PORT: this.#metricsPorts[name] ?? "" };
    const supervised = new Supervised(
      { name, file, args, env, logFile: this.#logFile(name), readyTimeoutMs },
      say,
    );
    this.#processes.push(supervised);
    // Told to stop a moment ago, while we were still starting.
    if (this.#interruptedMs !== undefined) throw new Error("interrupted");
    return supervised;
  }

  /** The address that a process is ready at; with port 0 the same port is asked for after a restart. */
  #learnAddress(scheme: "mqtt" | "http", variable: string, message: Message): void {
    const address = message[scheme];
    if (typeof address !== "string") return;
    this.#addresses[scheme] = address;
    this.#env[variable] = new URL(address).port || (scheme === "http" ? "80" : "1883");
  }

  /** Likewise: Prometheus finds it again. */
  #learnMetrics(name: string, { metrics }: Message): void {
    if (typeof metrics !== "string") return;
    this.#metrics[name] = metrics;
    this.#metricsPorts[name] = new URL(metrics).port;
  }

  #restartAllBut(services: Supervised): void {
    for (const supervised of this.#processes) if (supervised !== services) supervised.restart();
  }

  async #interrupt(): Promise<void> {
    if (this.#interruptedMs !== undefined) {
      if (performance.now() - this.#interruptedMs < SAME_INTERRUPT_MS) return;
      say("Stopping at once");
      for (const supervised of this.#processes.slice(1)) supervised.kill();
      return;
    }
    this.#interruptedMs = performance.now();
    say("Stopping");
    await this.#stopProcesses();
    say("Stopped");
    this.#stopped.resolve();
  }

  async #stopProcesses(): Promise<void> {
    for (const supervised of this.#processes.toReversed()) await supervised.stop();
  }

  #summary(): string {
    const { email, password } = this.#admin;
    const known = this.#accounts.some((account) => account.email === email);
    const notes = [`Logs in ${this.#logFile("")}`, "Ctrl-C stops everything; the data stays."];
    if (this.#demo) {
      notes.unshift("A year of history and two group tenders arrive within a minute; this window says when.");
    }
    if (this.#env["KOPROGO_COHORT_MIN"] !== undefined) {
      notes.unshift(
        `The demo sums private supply points from ${DEMO_COHORT_MIN} on (KOPROGO_COHORT_MIN); by default 10.`,
      );
    }
    return summaryBox({
      dashboard: this.#addresses.http,
      mqtt: this.#addresses.mqtt,
      metrics: { ...this.#metrics, api: `${this.#addresses.http}/metrics` },
      accounts: known ? this.#accounts : [{ role: "admin", email, password }, ...this.#accounts],
      notes,
    });
  }

  #logFile(name: string): string {
    return join(this.#dataFolder, "logs", name === "" ? "" : `${name}.log`);
  }
}

function readArguments(args: readonly string[]): { help: boolean; demo: boolean; validate: boolean } {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        help: { type: "boolean", default: false },
        validate: { type: "boolean", default: false },
        "no-demo": { type: "boolean", default: false },
      },
    });
    return { help: values.help, demo: !values["no-demo"], validate: values.validate };
  } catch (error) {
    throw new KoproError(
      "config_invalid",
      `${error instanceof Error ? error.message : String(error)}\n${USAGE}`,
    );
  }
}

/** One variable for two processes: the broker gets the port, the workers the one after it. */
function metricsPorts({ METRICS_PORT: port }: Config): { broker?: number; analytics?: number } {
  return port === undefined || port === 0 ? {} : { broker: port, analytics: port < 65_535 ? port + 1 : 0 };
}

function portsOf(config: Config): { variable: string; port: number | undefined; host: string }[] {
  const metrics = metricsPorts(config);
  return [
    { variable: "HTTP_PORT", port: config.HTTP_PORT, host: config.HTTP_HOST },
    { variable: "MQTT_PORT", port: config.MQTT_PORT, host: config.MQTT_HOST },
    { variable: "MQTTS_PORT", port: config.MQTTS_PORT, host: config.MQTT_HOST },
    { variable: "MQTT_WS_PORT", port: config.MQTT_WS_PORT, host: config.MQTT_HOST },
    { variable: "METRICS_PORT", port: metrics.broker, host: config.METRICS_HOST },
    { variable: "METRICS_PORT", port: metrics.analytics, host: config.METRICS_HOST },
  ];
}

/** The terminal may be gone (SIGHUP): that must not keep us from stopping everything. */
function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
