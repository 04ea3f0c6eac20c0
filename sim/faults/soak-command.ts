// The soak command: `npm run sim -- soak --schedules 200 --seed 1`, one JSON object out, exit code 1 on a violation.
import { parseArgs } from "node:util";
import { KoproError } from "#devices/error";
import type { TimeSource } from "#devices/time";
import { startBed } from "./bed.ts";
import { keepFailingSeed, soak, type SoakReport } from "./soak.ts";

const OPTIONS = {
  schedules: { type: "string", default: "200" },
  seed: { type: "string", default: "1" },
} as const;
const SCHEDULES_MAX = 100_000;
const SEED_MAX = 2 ** 32 - 1;

export type SoakOptions = { readonly schedules: number; readonly seed: number };

/** @throws KoproError `request_invalid` naming each option at fault. */
export function readSoakOptions(args: readonly string[]): SoakOptions {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  const schedules = Number(values.schedules);
  const seed = Number(values.seed);
  const faults: string[] = [];
  if (!(Number.isInteger(schedules) && schedules > 0 && schedules <= SCHEDULES_MAX)) {
    faults.push(`--schedules must be a whole number from 1 to ${SCHEDULES_MAX}`);
  }
  if (!(Number.isInteger(seed) && seed >= 0 && seed <= SEED_MAX)) {
    faults.push(`--seed must be a whole number from 0 to ${SEED_MAX}`);
  }
  if (faults.length > 0) throw new KoproError("request_invalid", faults.join("\n"));
  return { schedules, seed };
}

/** Seeds that fail are kept in `failing-seeds.json`; commit it with the fix. */
export async function runSoak(
  { schedules, seed }: SoakOptions,
  environment: {
    readonly time: TimeSource;
    readonly stop: AbortSignal;
    readonly tell: (line: string) => void;
  },
): Promise<SoakReport> {
  const bed = await startBed(environment.tell);
  try {
    const seeds = Array.from({ length: schedules }, (_, nth) => seed + nth);
    return await soak(bed, seeds, {
      ...environment,
      onFailure: (report) => keepFailingSeed(report.seed),
    });
  } finally {
    await bed.stop();
  }
}
