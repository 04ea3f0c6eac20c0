// The simulator's entry: `run` (the default) publishes and verifies, `demo` keeps the demo portfolio alive, `soak` breaks things.
import { parseArgs } from "node:util";
import pino from "pino";
import { readConfig } from "#config";
import { KoproError } from "#devices/error";
import { DAY_MS, systemTime } from "#devices/time";
import { startThrowAwayServices } from "#services";
import { runDemo } from "./demo/demo.ts";
import { startBed } from "./faults/bed.ts";
import { readSoakOptions, runSoak } from "./faults/soak-command.ts";
import { readFuzzOptions, runFuzz } from "./fuzz/fuzz-command.ts";
import { isWhole, runLoad } from "./load/load-command.ts";
import { LOAD_USAGE, readLoadOptions } from "./load/load-options.ts";
import { ApiFailure, createApiClient, signIn } from "./portfolio/api-client.ts";
import { readRunOptions, USAGE, type RunOptions } from "./run/options.ts";
import { readable, readableAccounts, readableReadings, readableUnheard } from "./run/readable.ts";
import { run, type RunEnvironment, type RunReport } from "./run/run.ts";
import { isRight } from "./run/verify.ts";
import { startStack } from "./stack.ts";
import { readVirtualOptions, runVirtual, VIRTUAL_USAGE } from "./virtual/virtual-command.ts";

const WRONG_RESULT = 1;
const WRONG_USE = 2;

const DEMO_OPTIONS = {
  url: { type: "string" },
  api: { type: "string" },
  days: { type: "string", default: "3" },
} as const;
/** Older readings would count as a flood of past days. */
const DEMO_DAYS_MAX = 35;

const stop = new AbortController();
for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => stop.abort());
// Whoever started us is gone: nobody else would stop us.
process.once("disconnect", () => stop.abort());

const [command, ...rest] = process.argv.slice(2);
try {
  if (process.argv.includes("--help")) print(`${USAGE}\n\n${VIRTUAL_USAGE}\n\n${LOAD_USAGE}`);
  else if (process.argv.includes("--validate")) readConfig(process.env);
  else if (command === "demo") await demo(rest);
  else if (command === "soak") process.exitCode = await soak(rest);
  else if (command === "fuzz") process.exitCode = await fuzz(rest);
  else if (command === "load") process.exitCode = await load(rest);
  else if (command === "virtual") process.exitCode = await virtual(rest);
  else process.exitCode = await simulate(command === "run" ? rest : process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${explain(error)}\n`);
  process.exitCode = isWrongUse(error) ? WRONG_USE : WRONG_RESULT;
} finally {
  if (process.connected) process.disconnect?.();
}

async function demo(args: readonly string[]): Promise<void> {
  const config = readConfig(process.env, ["KOPROGO_ADMIN_EMAIL", "KOPROGO_ADMIN_PASSWORD"]);
  const { values } = parseArgs({ args: [...args], options: DEMO_OPTIONS });
  const days = Number(values.days);
  if (values.url === undefined || values.api === undefined) {
    throw new KoproError("request_invalid", "demo needs --url mqtt://… and --api http://…");
  }
  if (!(days > 0 && days <= DEMO_DAYS_MAX)) {
    throw new KoproError("request_invalid", `--days must be between 0 and ${DEMO_DAYS_MAX}`);
  }
  const log = pino({ level: config.LOG_LEVEL, name: "demo" });
  await runDemo({
    apiUrl: values.api,
    mqttUrl: values.url,
    admin: { email: config.KOPROGO_ADMIN_EMAIL, password: config.KOPROGO_ADMIN_PASSWORD },
    dataDir: config.KOPROGO_DATA_DIR,
    historyMs: days * DAY_MS,
    time: systemTime,
    log,
    stop: stop.signal,
    onReady: (accounts) => {
      log.info({}, "ready");
      process.send?.({ ready: true, accounts });
    },
    report: (text) => process.send?.({ report: text }),
  });
}

/** The exit code. */
async function soak(args: readonly string[]): Promise<number> {
  const options = readSoakOptions(args);
  const report = await runSoak(options, { time: systemTime, stop: stop.signal, tell: progress });
  print(JSON.stringify({ seed: options.seed, ...report }));
  return report.violations === 0 ? 0 : WRONG_RESULT;
}

/** The exit code. */
async function fuzz(args: readonly string[]): Promise<number> {
  const report = await runFuzz(readFuzzOptions(args), { stop: stop.signal, tell: progress });
  print(JSON.stringify(report));
  return report.violations.length === 0 ? 0 : WRONG_RESULT;
}

/** The exit code. */
async function virtual(args: readonly string[]): Promise<number> {
  const options = readVirtualOptions(args);
  const report = await runVirtual(options, { time: systemTime, stop: stop.signal, tell: progress });
  print(JSON.stringify({ seed: options.seed, ...report }));
  return report.failing.length === 0 ? 0 : WRONG_RESULT;
}

/** The exit code. */
async function load(args: readonly string[]): Promise<number> {
  const options = readLoadOptions(args);
  const report = await runLoad(options, { stop: stop.signal, report: progress });
  print(JSON.stringify({ seed: options.seed, ...report }));
  return isWhole(report) ? 0 : WRONG_RESULT;
}

/** The exit code. */
async function simulate(args: readonly string[]): Promise<number> {
  const options = readRunOptions(args, systemTime.now());
  const report = await runSomewhere(options);
  const lines = [
    ...readableReadings(report.findings),
    ...readableUnheard(report.unheard),
    ...readable(report.differences),
    ...readableAccounts(report.openAccounts),
  ];
  for (const line of lines) progress(line);
  print(JSON.stringify({ seed: options.seed, buildings: options.buildings, ...report }));
  return isRight(report) ? 0 : WRONG_RESULT;
}

function runSomewhere(options: RunOptions): Promise<RunReport> {
  const about = { time: systemTime, stop: stop.signal, report: progress };
  if (options.target !== undefined) return onTarget(options, options.target, about);
  const strikes = options.faults.has("kill") || options.faults.has("slow");
  return strikes ? onBed(options, about) : onOwnServices(options, about);
}

type About = Pick<RunEnvironment, "time" | "stop" | "report">;

function onTarget(
  options: RunOptions,
  target: NonNullable<RunOptions["target"]>,
  about: About,
): Promise<RunReport> {
  const api = createApiClient(target.apiUrl, { token: target.token });
  return run(options, { ...about, api, mqttUrls: [target.mqttUrl] });
}

async function onOwnServices(options: RunOptions, about: About): Promise<RunReport> {
  const services = await startThrowAwayServices({ report: progress });
  try {
    const stack = await startStack({ ...services, dataDir: services.folder, env: { MQTT_WS_PORT: "0" } });
    try {
      const api = await signIn(stack.apiUrl, stack.admin.email, stack.admin.password);
      return await run(options, { ...about, api, mqttUrls: stack.mqttUrls });
    } finally {
      await stack.stop();
    }
  } finally {
    await services.stop();
  }
}

/** On services of its own, all of which can be struck. */
async function onBed(options: RunOptions, about: About): Promise<RunReport> {
  const bed = await startBed(progress);
  try {
    const mqttUrl = bed.brokers[0].ready().mqtt ?? "";
    return await run(options, { ...about, api: bed.api, mqttUrls: [mqttUrl], bed });
  } finally {
    await bed.stop();
  }
}

function isWrongUse(error: unknown): error is Error {
  if (error instanceof KoproError) return error.code === "request_invalid";
  return error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS");
}

/** One sentence for what can be expected to fail, the stack for what cannot. */
function explain(error: unknown): string {
  if (isWrongUse(error) || error instanceof KoproError || error instanceof ApiFailure) return error.message;
  return (error instanceof Error && error.stack) || String(error);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Beside the one JSON object on standard output. */
function progress(text: string): void {
  process.stderr.write(`${text}\n`);
}
