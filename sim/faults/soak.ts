// Many schedules on one set of services: counts added up, failing seeds said and kept.
import { readFileSync, writeFileSync } from "node:fs";
import type { TimeSource } from "#devices/time";
import type { FaultBed } from "./bed.ts";
import { runSchedule, type ScheduleCounts, type ScheduleReport } from "./run-schedule.ts";
import { drawSchedule, type Fault } from "./schedule.ts";

export type SoakReport = {
  readonly schedules: number;
  readonly violations: number;
  /** By seed, the first sentences. */
  readonly failing: readonly { readonly seed: number; readonly violations: readonly string[] }[];
  readonly faults: Readonly<Partial<Record<Fault, number>>>;
  readonly counts: Partial<ScheduleCounts>;
  readonly tookS: number;
};

const FAILING_SEEDS = new URL("./failing-seeds.json", import.meta.url);
const SENTENCES_MAX = 5;

/** Seeds that failed once: replayed first, for ever. */
export function failingSeeds(): number[] {
  return JSON.parse(readFileSync(FAILING_SEEDS, "utf8")) as number[];
}

export function keepFailingSeed(seed: number): void {
  const seeds = new Set([...failingSeeds(), seed]);
  writeFileSync(FAILING_SEEDS, `[${[...seeds].join(", ")}]\n`);
}

/** Runs the seeds one after the other, until `stop`. `tell` hears a line per schedule. */
export async function soak(
  bed: FaultBed,
  seeds: readonly number[],
  options: {
    readonly time: TimeSource;
    readonly stop: AbortSignal;
    readonly tell: (line: string) => void;
    readonly onFailure?: (report: ScheduleReport) => void;
  },
): Promise<SoakReport> {
  const startedMs = performance.now();
  const reports: ScheduleReport[] = [];
  const faults: Partial<Record<Fault, number>> = {};
  for (const seed of seeds) {
    if (options.stop.aborted) break;
    const scheduleStartedMs = performance.now();
    const schedule = drawSchedule(seed);
    const report = await runSchedule(bed, schedule, options.time);
    reports.push(report);
    for (const { fault } of schedule.steps) faults[fault] = (faults[fault] ?? 0) + 1;
    const tookS = ((performance.now() - scheduleStartedMs) / 1000).toFixed(1);
    const said = schedule.steps.map(({ fault, atMs, holdMs }) => `${fault} ${atMs}+${holdMs}`).join(", ");
    options.tell(`seed ${seed}: ${report.counts.acknowledged} acknowledged in ${tookS} s, ${said}`);
    for (const violation of report.violations.slice(0, SENTENCES_MAX)) options.tell(`  ${violation}`);
    if (report.violations.length > 0) options.onFailure?.(report);
  }
  const failing = reports.filter(({ violations }) => violations.length > 0);
  return {
    schedules: reports.length,
    violations: failing.reduce((sum, { violations }) => sum + violations.length, 0),
    failing: failing.map(({ seed, violations }) => ({
      seed,
      violations: violations.slice(0, SENTENCES_MAX),
    })),
    faults,
    counts: total(reports),
    tookS: Math.round((performance.now() - startedMs) / 1000),
  };
}

function total(reports: readonly ScheduleReport[]): Partial<ScheduleCounts> {
  const sum: Partial<ScheduleCounts> = {};
  for (const { counts } of reports) {
    for (const name of Object.keys(counts) as (keyof ScheduleCounts)[]) {
      sum[name] = (sum[name] ?? 0) + counts[name];
    }
  }
  return sum;
}
