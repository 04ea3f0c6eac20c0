// How much CPU processes and the machine have used so far, from /proc; for the context of a benchmark.
import { readdirSync, readFileSync } from "node:fs";

/** Linux counts in ticks of 10 ms, whatever its own clock. */
const TICK_MS = 10;
const PARENT = 1;
const USER_TIME = 11;
const SYSTEM_TIME = 12;
/** Of children that have ended and were waited for. */
const GONE_USER_TIME = 13;
const GONE_SYSTEM_TIME = 14;

/** Milliseconds of user and system time of process `pid`, its threads included, its children not. */
export function cpuTimeMs(pid: number): number {
  const fields = statOf(String(pid));
  return (Number(fields[USER_TIME]) + Number(fields[SYSTEM_TIME])) * TICK_MS;
}

/** The same with its children: those that run, and those that have ended. */
export function familyCpuTimeMs(pid: number): number {
  const own = statOf(String(pid));
  let ms = cpuTimeMs(pid) + (Number(own[GONE_USER_TIME]) + Number(own[GONE_SYSTEM_TIME])) * TICK_MS;
  for (const entry of readdirSync("/proc")) {
    if (/^\d+$/.test(entry)) ms += childCpuTimeMs(entry, pid);
  }
  return ms;
}

function childCpuTimeMs(entry: string, parent: number): number {
  try {
    return Number(statOf(entry)[PARENT]) === parent ? cpuTimeMs(Number(entry)) : 0;
  } catch {
    // It ended between the listing and the reading: its parent has counted it, or will.
    return 0;
  }
}

export function parentOf(pid: number): number {
  return Number(statOf(String(pid))[PARENT]);
}

/** Of the whole machine since it was started. `busyMs`: of all cores together, waiting for a disk not included. */
export function machineTimes(): { readonly busyMs: number; readonly diskBusyMs: number } {
  const [cpu = ""] = readFileSync("/proc/stat", "latin1").split("\n");
  // user, nice, system, idle, iowait, irq, softirq, steal; what guests use is in the first two.
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = cpu.split(/\s+/).slice(1).map(Number);
  return { busyMs: (user + nice + system + irq + softirq) * TICK_MS, diskBusyMs: busiestDiskMs() };
}

const MAJOR_OF_LOOP = "7";
const MS_BUSY = 12;

function busiestDiskMs(): number {
  const disks = readFileSync("/proc/diskstats", "latin1").trim().split("\n");
  return Math.max(
    0,
    ...disks.map((line) => {
      const fields = line.trim().split(/\s+/);
      return fields[0] === MAJOR_OF_LOOP ? 0 : Number(fields[MS_BUSY]);
    }),
  );
}

/** The fields behind the name, which may contain spaces and brackets itself. */
function statOf(pid: string): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}
