// One process of the product, kept alive: started, watched, restarted with growing delay, stopped.
//
//   starting ──ready──▶ ready ──ends──▶ waiting ──delay──▶ starting …
//       └──ends──▶ waiting         any ──stop()──▶ stopped
import { spawn, type ChildProcess } from "node:child_process";
import { createWriteStream, existsSync, mkdirSync, renameSync, statSync, type WriteStream } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { KoproError } from "#devices/error";
import { terminalLine } from "./log-line.ts";
import { PROJECT, withOwnPrograms } from "./run.ts";

export type ProcessSpec = {
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  /** Read at every start: what is known of the other processes may have changed. */
  readonly env: () => Readonly<Record<string, string | undefined>>;
  readonly logFile: string;
  readonly readyTimeoutMs: number;
};

export type Message = Readonly<Record<string, unknown>>;

const DELAYS_MS = [500, 1000, 2000, 5000, 10_000, 30_000];
/** A process that was ready this long is well: its next end counts as the first. */
const WELL_AFTER_MS = 60_000;
const STOP_PATIENCE_MS = 10_000;
const LOG_MAX_BYTES = 20 * 1024 * 1024;
const TAIL_LINES = 15;

export class Supervised {
  readonly #spec: ProcessSpec;
  readonly #tell: (line: string) => void;
  readonly #stopping = new AbortController();
  readonly #messages = new Set<(message: Message) => void>();
  readonly #tail: string[] = [];
  #child: ChildProcess | undefined;
  #watch: Promise<void> = Promise.resolve();

  constructor(spec: ProcessSpec, tell: (line: string) => void) {
    this.#spec = spec;
    this.#tell = tell;
  }

  /** Hears every message that the process sends, of the first start and of later ones. */
  onMessage(listener: (message: Message) => void): void {
    this.#messages.add(listener);
  }

  /**
   * Starts it and waits until it says that it is ready; from then on it is restarted whenever it ends.
   * @throws KoproError `dependency_missing` with the end of its log when it ends before, or is not ready in time.
   */
  async start(): Promise<void> {
    const child = await this.#startOnce();
    this.#watch = this.#keepRunning(child);
  }

  /** SIGTERM, and SIGKILL to what does not end in time; it is not started again. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    const child = this.#child;
    if (child !== undefined && isRunning(child)) {
      child.kill("SIGTERM");
      const timer = setTimeout(() => {
        this.#tell(`${this.#spec.name} does not stop; killing it`);
        child.kill("SIGKILL");
      }, STOP_PATIENCE_MS);
      await ended(child);
      clearTimeout(timer);
    }
    await this.#watch;
  }

  /** Ends it, to be started again by the watch with what `env` says by then. */
  restart(): void {
    this.#child?.kill("SIGTERM");
  }

  /** Ends it at once; only sensible while it is being stopped. */
  kill(): void {
    this.#child?.kill("SIGKILL");
  }

  async #keepRunning(first: ChildProcess): Promise<void> {
    let child = first;
    let failures = 0;
    let readyMs = performance.now();
    for (;;) {
      const how = await ended(child);
      if (this.#stopping.signal.aborted) return;
      if (performance.now() - readyMs > WELL_AFTER_MS) failures = 0;
      this.#tell(`${this.#spec.name} ended ${how}; starting it again (log: ${this.#spec.logFile})`);
      const next = await this.#restart(failures);
      if (next === undefined) return;
      child = next.child;
      failures = next.failures;
      readyMs = performance.now();
      this.#tell(`${this.#spec.name} runs again`);
    }
  }

  async #restart(failures: number): Promise<{ child: ChildProcess; failures: number } | undefined> {
    for (let attempt = failures; ; attempt += 1) {
      const delayMs = DELAYS_MS[Math.min(attempt, DELAYS_MS.length - 1)] ?? 0;
      await sleep(delayMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
      if (this.#stopping.signal.aborted) return undefined;
      try {
        return { child: await this.#startOnce(), failures: attempt + 1 };
      } catch (error) {
        if (this.#stopping.signal.aborted) return undefined;
        this.#tell(error instanceof Error ? error.message : String(error));
      }
    }
  }

  async #startOnce(): Promise<ChildProcess> {
    const child = this.#spawn();
    const outcome = await Promise.race([
      this.#readyMessage(child).then(() => "ready" as const),
      ended(child),
      sleep(this.#spec.readyTimeoutMs, "late" as const, { ref: false }),
    ]);
    if (outcome === "ready") return child;
    if (isRunning(child)) {
      child.kill("SIGKILL");
      await ended(child);
    }
    const why =
      outcome === "late" ? `was not ready after ${this.#spec.readyTimeoutMs / 1000} s` : `ended ${outcome}`;
    throw new KoproError(
      "dependency_missing",
      `${this.#spec.name} ${why}.${this.#tail.map((line) => `\n  ${line}`).join("")}`,
    );
  }

  #spawn(): ChildProcess {
    const { file, args, env, logFile } = this.#spec;
    this.#tail.length = 0;
    const child = spawn(...withOurDeath(process.execPath, [join(PROJECT, file), ...args]), {
      cwd: PROJECT,
      env: withOwnPrograms({ ...process.env, ...env() }),
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      // A group of its own: Ctrl-C reaches us alone, and we stop everything in order.
      detached: true,
    });
    this.#child = child;
    const log = openLog(logFile);
    for (const stream of [child.stdout, child.stderr]) {
      if (stream) createInterface({ input: stream }).on("line", (line) => this.#line(log, line));
    }
    child.once("close", () => log.end());
    child.on("message", (message: Message) => {
      for (const listener of this.#messages) listener(message);
    });
    return child;
  }

  #line(log: WriteStream, line: string): void {
    log.write(`${line}\n`);
    this.#tail.push(line);
    if (this.#tail.length > TAIL_LINES) this.#tail.shift();
    const shown = this.#stopping.signal.aborted ? undefined : terminalLine(this.#spec.name, line);
    if (shown !== undefined) this.#tell(shown);
  }

  #readyMessage(child: ChildProcess): Promise<void> {
    return new Promise((resolve) => {
      child.on("message", (message: Message) => {
        if (message["ready"] === true) resolve();
      });
    });
  }
}

/** On Linux the kernel stops the process when we are killed; elsewhere only its closed channel tells it. */
function withOurDeath(program: string, args: string[]): [string, string[]] {
  const known = process.platform === "linux" && existsSync("/usr/bin/setpriv");
  return known ? ["/usr/bin/setpriv", ["--pdeathsig=TERM", program, ...args]] : [program, args];
}

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null && child.pid !== undefined;
}

/** How it ended, as the end of a sentence. */
function ended(child: ChildProcess): Promise<string> {
  const how = (): string =>
    child.signalCode === null ? `with exit code ${child.exitCode}` : `by ${child.signalCode}`;
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(how());
  return new Promise((resolve) => {
    child.once("exit", () => resolve(how()));
    child.once("error", (error) => resolve(`before it ran: ${error.message}`));
  });
}

/** Appends; what was written before goes aside when it has grown large. */
function openLog(file: string): WriteStream {
  mkdirSync(dirname(file), { recursive: true });
  if (existsSync(file) && statSync(file).size > LOG_MAX_BYTES) renameSync(file, `${file}.1`);
  return createWriteStream(file, { flags: "a" });
}
