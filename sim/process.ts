// One of our processes as a child: started until it says that it is ready, killed or restarted on the same ports.
import { spawn, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";

/** What a process sends its parent over IPC once it serves; addresses are those that it listens on. */
export type Ready = {
  readonly ready: true;
  readonly mqtt?: string;
  readonly http?: string;
} & Readonly<Record<string, unknown>>;

export type OwnProcess = {
  readonly name: string;
  /** The last ready message: the addresses. */
  ready(): Ready;
  pid(): number;
  /** False once it ended, for whatever reason. */
  running(): boolean;
  /** The last lines that it wrote, for a failure's message. */
  log(): string;
  /** Sends the signal and waits until the process is gone. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again, if need be after stopping it, listening where it listened before. */
  restart(): Promise<void>;
};

export type ProcessOptions = {
  readonly name: string;
  /** The entry, relative to the root of the project. */
  readonly entry: string;
  readonly args?: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Which variables pin the ports found in the ready message when the process is restarted. */
  readonly pinPorts?: Readonly<Record<string, string>>;
  readonly readyWithinMs?: number;
};

export const PROJECT_ROOT = fileURLToPath(new URL("..", import.meta.url));
const LOG_LINES_MAX = 200;
const READY_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 10_000;

/** Children that must not outlive us, should we end without stopping them. */
const alive = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of alive) child.kill("SIGKILL");
});

/**
 * Starts the process and waits until it is ready.
 * @throws Error with the last lines of its log when it ends before, or is not ready in time.
 */
export async function startProcess(options: ProcessOptions): Promise<OwnProcess> {
  const log: string[] = [];
  let running = launch(options, options.env, log);
  let message = await readyOf(options, running, log);

  const kill = async (signal: NodeJS.Signals = "SIGTERM") => {
    if (gone(running)) return;
    const ended = exit(running);
    running.kill(signal);
    const patience = setTimeout(() => running.kill("SIGKILL"), STOP_WITHIN_MS);
    await ended;
    clearTimeout(patience);
  };
  return {
    name: options.name,
    ready: () => message,
    pid: () => running.pid ?? 0,
    running: () => !gone(running),
    log: () => log.join("\n"),
    kill,
    restart: async () => {
      await kill();
      running = launch(options, { ...options.env, ...pinned(options, message) }, log);
      message = await readyOf(options, running, log);
    },
  };
}

function launch(options: ProcessOptions, env: ProcessOptions["env"], log: string[]): ChildProcess {
  const child = spawn(process.execPath, [options.entry, ...(options.args ?? [])], {
    cwd: PROJECT_ROOT,
    env,
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  alive.add(child);
  child.once("exit", () => alive.delete(child));
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      log.push(...text.trimEnd().split("\n"));
      log.splice(0, Math.max(0, log.length - LOG_LINES_MAX));
    });
  }
  return child;
}

function readyOf(options: ProcessOptions, child: ChildProcess, log: readonly string[]): Promise<Ready> {
  return new Promise((resolve, reject) => {
    const fail = (what: string) => {
      clearTimeout(timer);
      child.kill("SIGKILL");
      reject(new Error(`${options.name} ${what}. Its last words:\n${log.slice(-30).join("\n")}`));
    };
    const withinMs = options.readyWithinMs ?? READY_WITHIN_MS;
    const timer = setTimeout(() => fail(`was not ready within ${withinMs} ms`), withinMs);
    child.once("error", (error) => fail(`could not be started: ${error.message}`));
    child.once("exit", (code, signal) => fail(`ended with ${signal ?? code} before it was ready`));
    child.on("message", (message) => {
      if (!isReady(message)) return;
      clearTimeout(timer);
      child.removeAllListeners("exit");
      child.once("exit", () => alive.delete(child));
      resolve(message);
    });
  });
}

function isReady(message: unknown): message is Ready {
  return typeof message === "object" && message !== null && "ready" in message && message.ready === true;
}

function pinned(options: ProcessOptions, message: Ready): Record<string, string> {
  const pins: Record<string, string> = {};
  for (const [kind, variable] of Object.entries(options.pinPorts ?? {})) {
    const address = message[kind];
    if (typeof address === "string") pins[variable] = new URL(address).port;
  }
  return pins;
}

const gone = (child: ChildProcess) => child.exitCode !== null || child.signalCode !== null;

function exit(child: ChildProcess): Promise<void> {
  if (gone(child)) return Promise.resolve();
  return new Promise((resolve) => child.once("exit", () => resolve()));
}
