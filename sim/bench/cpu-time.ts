// How much CPU another process has used so far, from /proc; for the context of a benchmark.
import { readFileSync } from "node:fs";

/** Linux counts in ticks of 10 ms, whatever its own clock. */
const TICK_MS = 10;
const USER_TIME = 11;
const SYSTEM_TIME = 12;

/** Milliseconds of user and system time of process `pid`, its threads included, its children not. */
export function cpuTimeMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  // The second field may contain spaces and brackets; the fields after it are counted from there.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[USER_TIME]) + Number(fields[SYSTEM_TIME])) * TICK_MS;
}
