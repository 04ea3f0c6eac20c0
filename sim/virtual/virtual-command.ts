// The virtual command: `npm run sim -- virtual --seeds 1000 --seed 1`, one JSON object out, exit code 1 where a seed is not right.
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { KoproError } from "#devices/error";
import { HOUR_MS, type TimeSource } from "#devices/time";
import { addVerdicts, type StoryVerdict } from "../run/judge-story.ts";
import { readable, readableAccounts, readableReadings } from "../run/readable.ts";
import { readFaults } from "../story/fault-kinds.ts";
import { isRightSeed, playSeed, type SeedReport } from "./play-seed.ts";

const OPTIONS = {
  seeds: { type: "string", default: "100" },
  seed: { type: "string", default: "1" },
  faults: { type: "string", default: "all" },
} as const;
const SEEDS_MAX = 1_000_000;
const SEED_MAX = 2 ** 31 - 1;

export const VIRTUAL_USAGE = `  npm run sim -- virtual [--seeds N --seed S --faults LIST]

                          the real ingest and workers on a clock that jumps, over a store in memory: N buildings' stories (100)
                          from seed S on, each with some of these faults (all), drawn from its seed`;

export type VirtualOptions = { readonly seeds: number; readonly seed: number; readonly faults: string };

/** A story to be told again, as it failed once. */
export type FailingSeed = { readonly seed: number; readonly faults: string };

export type VirtualReport = {
  readonly seeds: number;
  readonly failing: readonly FailingSeed[];
  readonly seedsPerHour: number;
  readonly tookS: number;
  readonly published: number;
  readonly acknowledged: number;
  readonly lost: number;
  readonly doubled: number;
  readonly altered: number;
  /** Rows of profiles that are not what raw readings come to. */
  readonly unrepeatable: number;
  /** Registers whose quarter-hours and pieces do not add up to what their index went by. */
  readonly unaccounted: number;
  readonly unacknowledged: number;
  /** Messages in quarantine that can be read. */
  readonly refused: number;
  readonly failures: number;
  /** How often a Sparkplug node was born because it was asked to be. */
  readonly births: number;
} & Omit<StoryVerdict, "differences">;

/** @throws KoproError `request_invalid` naming each option at fault. */
export function readVirtualOptions(args: readonly string[]): VirtualOptions {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  const seeds = Number(values.seeds);
  const seed = /^\d+$/.test(values.seed) ? Number(values.seed) : Number.NaN;
  const faults: string[] = [];
  if (!(Number.isInteger(seeds) && seeds > 0 && seeds <= SEEDS_MAX))
    faults.push(`--seeds must be a whole number from 1 to ${SEEDS_MAX}`);
  if (!(seed <= SEED_MAX)) faults.push(`--seed must be a whole number from 0 to ${SEED_MAX}`);
  for (const word of readFaults(values.faults).unknown) faults.push(`--faults does not know ${word}`);
  if (faults.length > 0) throw new KoproError("request_invalid", faults.join("\n"));
  return { seeds, seed, faults: values.faults };
}

const FAILING_SEEDS = new URL("./failing-seeds.json", import.meta.url);

/** Played first, for ever. */
export function failingSeeds(): FailingSeed[] {
  return JSON.parse(readFileSync(FAILING_SEEDS, "utf8")) as FailingSeed[];
}

/** Seeds that fail are kept in `failing-seeds.json`; commit it with the fix. */
export async function runVirtual(
  { seeds, seed, faults }: VirtualOptions,
  environment: {
    readonly time: TimeSource;
    readonly stop: AbortSignal;
    readonly tell: (line: string) => void;
  },
): Promise<VirtualReport> {
  const { time, stop, tell } = environment;
  const startMs = time.now();
  const stories = Array.from({ length: seeds }, (_, nth) => ({ seed: seed + nth, faults }));
  const played: SeedReport[] = [];
  const failing: FailingSeed[] = [];
  for (const story of [...failingSeeds(), ...stories]) {
    if (stop.aborted) break;
    const report = await playSeed(story.seed, readFaults(story.faults).rates);
    played.push(report);
    if (isRightSeed(report)) continue;
    failing.push(story);
    for (const line of explained(report)) tell(line);
  }
  if (failing.length > 0) keepFailing(failing);
  const tookMs = time.now() - startMs;
  return {
    ...sumOf(played),
    failing,
    tookS: tookMs / 1000,
    seedsPerHour: Math.round((played.length * HOUR_MS) / tookMs),
  };
}

const LINES_MAX = 40;

/** What is not right about a seed, for people. */
export function explained(report: SeedReport): string[] {
  const { seed, faults, readings, unrepeatable, unaccounted, failures, unacknowledged, refused, verdict } =
    report;
  const { lost, doubled, altered, findings } = readings;
  const lines = [
    `seed ${seed}: ${lost} readings lost, ${doubled} doubled, ${altered} altered; ${unacknowledged} messages never acknowledged, ${refused} refused`,
    `  with ${faults.length === 0 ? "no faults" : faults.join(", ")}`,
    ...failures.map((failure) => `  the product says: ${failure}`),
    ...unrepeatable.map((line) => `  not as computed from raw: ${line.slice(0, 120)}`),
    ...readableAccounts(unaccounted).map((line) => `  ${line}`),
    ...readableReadings(findings).map((line) => `  ${line}`),
    ...readable(verdict.differences).map((line) => `  ${line}`),
  ];
  return lines.slice(0, LINES_MAX);
}

function sumOf(reports: readonly SeedReport[]) {
  const { differences: _, ...verdict } = addVerdicts(reports.map((report) => report.verdict));
  const sum = (of: (report: SeedReport) => number) => reports.reduce((all, report) => all + of(report), 0);
  return {
    seeds: reports.length,
    published: sum(({ published }) => published),
    acknowledged: sum(({ acknowledged }) => acknowledged),
    lost: sum(({ readings }) => readings.lost),
    doubled: sum(({ readings }) => readings.doubled),
    altered: sum(({ readings }) => readings.altered),
    unrepeatable: sum(({ unrepeatable }) => unrepeatable.length),
    unaccounted: sum(({ unaccounted }) => unaccounted.length),
    unacknowledged: sum(({ unacknowledged }) => unacknowledged),
    refused: sum(({ refused }) => refused),
    births: sum(({ births }) => births),
    failures: sum(({ failures }) => failures.length),
    ...verdict,
  };
}

function keepFailing(failing: readonly FailingSeed[]): void {
  const lines = [...failingSeeds(), ...failing].map((one) => `  ${JSON.stringify(one)}`);
  writeFileSync(FAILING_SEEDS, `[\n${[...new Set(lines)].join(",\n")}\n]\n`);
}
