// The fuzz command: `npm run sim -- fuzz --duration 10m --seed 1`, one JSON object out, exit code 1 on a violation.
import { parseArgs } from "node:util";
import { KoproError } from "#devices/error";
import { startThrowAwayServices } from "#services";
import { migrate } from "#store";
import { timeMs } from "../run/options.ts";
import { failingSeeds, fuzz, keepFailingSeeds, type FuzzReport } from "./fuzz.ts";
import { openFuzzBed } from "./fuzz-bed.ts";

const OPTIONS = {
  duration: { type: "string", default: "10m" },
  seed: { type: "string", default: "1" },
} as const;
const SEED_MAX = 2 ** 31 - 1;

type FuzzCommand = { readonly seed: number; readonly durationMs: number };

/** @throws KoproError `request_invalid` naming each option at fault. */
export function readFuzzOptions(args: readonly string[]): FuzzCommand {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  const seed = /^\d+$/.test(values.seed) ? Number(values.seed) : Number.NaN;
  const durationMs = timeMs(values.duration);
  const faults: string[] = [];
  if (!(seed <= SEED_MAX)) faults.push(`--seed must be a whole number from 0 to ${SEED_MAX}`);
  if (durationMs === undefined) faults.push(`--duration ${values.duration} is not a time such as 90s or 10m`);
  if (faults.length > 0 || durationMs === undefined)
    throw new KoproError("request_invalid", faults.join("\n"));
  return { seed, durationMs };
}

export async function runFuzz(
  command: FuzzCommand,
  environment: { readonly stop: AbortSignal; readonly tell: (line: string) => void },
): Promise<FuzzReport> {
  const services = await startThrowAwayServices({ report: environment.tell });
  try {
    await migrate(services.databaseUrl);
    const bed = await openFuzzBed(services.databaseUrl);
    try {
      const report = await fuzz(bed, { ...command, ...environment, replayed: failingSeeds() });
      if (report.violations.length > 0) keepFailingSeeds(report.violations.map(({ seed }) => seed));
      return report;
    } finally {
      await bed.close();
    }
  } finally {
    await services.stop();
  }
}
