// Estimates as people read them: quarter-hours in a row that were estimated in one way are one line.
import { DAY_MS, QUARTER_MS } from "#devices/time";
import { QuarterCode } from "#devices/vocabulary";
import type { EstimatedRow } from "#store";
import { ESTIMATE_METHODS, type EstimateMethod } from "./estimate-gaps.ts";

/** What a quarter-hour can be that was estimated. */
type EstimatedStatus = "profiled" | "substituted" | "interpolated";

export type EstimateRun = {
  readonly registerId: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly status: EstimatedStatus;
  readonly method: EstimateMethod;
  /** Wh or l, of all of it. */
  readonly value: number;
};

const BY_CODE: ReadonlyMap<number, EstimatedStatus> = new Map([
  [QuarterCode.profiled, "profiled"],
  [QuarterCode.substituted, "substituted"],
  [QuarterCode.interpolated, "interpolated"],
]);
const INT4_BYTES = 4;

/** By register and time, within [fromMs, toMs) and while the register was main; only what is shown. */
export function estimateRuns(
  rows: readonly EstimatedRow[],
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): EstimateRun[] {
  const runs: EstimateRun[] = [];
  for (const { registerId, day, quarters, statuses, methods, measuredStatuses, ...main } of rows) {
    for (const [slot, code] of statuses.entries()) {
      const startMs = day * DAY_MS + slot * QUARTER_MS;
      const isMain = startMs >= main.fromMs && startMs < main.toMs;
      const isMeasured = (measuredStatuses?.[slot] ?? QuarterCode.missing) !== QuarterCode.missing;
      const status = BY_CODE.get(code);
      if (status === undefined || isMeasured || !isMain) continue;
      if (startMs < fromMs || startMs >= toMs) continue;
      const method = ESTIMATE_METHODS[methods[slot] ?? 0] ?? "none";
      const value = quarters.readInt32LE(slot * INT4_BYTES);
      const last = runs.at(-1);
      const goesOn =
        last?.registerId === registerId &&
        last.toMs === startMs &&
        last.status === status &&
        last.method === method;
      const run = { registerId, fromMs: startMs, toMs: startMs + QUARTER_MS, status, method, value };
      if (goesOn) runs[runs.length - 1] = { ...run, fromMs: last.fromMs, value: last.value + value };
      else runs.push(run);
    }
  }
  return runs;
}
