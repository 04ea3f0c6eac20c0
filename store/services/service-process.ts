// One program run as a service: as an unprivileged user, out of the terminal's reach, and never left behind.
import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, openSync, readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { ServiceUser } from "./unprivileged.ts";

export type ServiceProcess = {
  readonly pid: number;
  /** How it ended, as the end of a sentence ("with exit code 1", "by SIGKILL"). Never rejects. */
  readonly exited: Promise<string>;
  readonly running: () => boolean;
  readonly signal: (signal: NodeJS.Signals) => void;
  /** Sends each signal in turn until it is gone, waiting `patienceMs` after each; the last resort is SIGKILL. */
  readonly stop: (signals: readonly NodeJS.Signals[], patienceMs: number) => Promise<void>;
};

export type ServiceCommand = {
  readonly program: string;
  readonly args: readonly string[];
  readonly user: ServiceUser | undefined;
  readonly logFile: string;
  readonly home: string;
  /** What the kernel sends to the service when this process dies without having stopped it. */
  readonly orphanSignal: "INT" | "TERM" | "KILL";
  readonly input?: string;
};

/** Starts the program in a session of its own, so that Ctrl-C reaches only whoever supervises it. */
export function startProcess(command: ServiceCommand): ServiceProcess {
  const log = openSync(command.logFile, "a");
  const child = spawn(
    "setpriv",
    [`--pdeathsig=${command.orphanSignal}`, ...dropTo(command.user), command.program, ...command.args],
    {
      detached: true,
      cwd: command.home,
      stdio: [command.input === undefined ? "ignore" : "pipe", log, log],
      env: { PATH: process.env["PATH"], HOME: command.home, LC_ALL: "C.UTF-8", TZ: "UTC" },
    },
  );
  closeSync(log);
  child.stdin?.on("error", () => child.stdin?.destroy());
  child.stdin?.end(command.input);
  child.unref();
  return supervised(child);
}

/** `setpriv` arguments that become `user` for good. */
export function dropTo(user: ServiceUser | undefined): string[] {
  return user === undefined ? [] : [`--reuid=${user.uid}`, `--regid=${user.gid}`, "--clear-groups"];
}

/** Signals whichever of the processes still run. */
export function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
    }
  }
}

/** The processes that `pid` started and that still run; PostgreSQL's sessions are such. */
export function childrenOf(pid: number): number[] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .filter((entry) => parentOf(entry) === pid)
    .map(Number);
}

function supervised(child: ChildProcess): ServiceProcess {
  let ended: string | undefined;
  const exited = new Promise<string>((resolve) => {
    const end = (how: string): void => {
      ended ??= how;
      resolve(ended);
    };
    child.once("exit", (code, signal) => end(signal === null ? `with exit code ${code}` : `by ${signal}`));
    child.once("error", (error) => end(`before it ran: ${error.message}`));
  });
  const running = (): boolean => ended === undefined;
  return {
    pid: child.pid ?? 0,
    exited,
    running,
    signal: (signal) => {
      if (running()) child.kill(signal);
    },
    stop: async (signals, patienceMs) => {
      // Unwatched it would let this process end in the middle of stopping it.
      child.ref();
      for (const signal of [...signals, "SIGKILL"] as const) {
        if (!running()) return;
        child.kill(signal);
        // A stopped process (SIGSTOP) hears nothing but SIGKILL until it may go on.
        child.kill("SIGCONT");
        await Promise.race([exited, sleep(patienceMs, undefined, { ref: false })]);
      }
      await exited;
    },
  };
}

/** The fourth field of /proc/<pid>/stat; the second may contain spaces and brackets. */
function parentOf(pid: string): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    // It ended between the listing and the reading.
    return undefined;
  }
}
