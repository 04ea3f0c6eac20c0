// Adds the day rows of several registers into one line of quarter-hours.
import { QUARTERS_PER_UTC_DAY, QUARTER_MS, utcDayStartMs } from "#devices/time";
import { QuarterCode } from "#devices/vocabulary";
import type { DayRow, RegisterDays } from "#store";

/** One entry per quarter-hour of the span. */
export type QuarterSums = {
  /** Wh or l of the registers that have a value. Sums of int4 stay exact in a float64. */
  readonly energies: Float64Array;
  /** The worst `QuarterCode` among the registers that were main at the quarter-hour's beginning; missing if none was. */
  readonly worst: Uint8Array;
  /** How many registers have a value. */
  readonly present: Uint16Array;
};

/** `fromMs` and `toMs` are boundaries of quarter-hours. */
export function addQuarters(series: readonly RegisterDays[], fromMs: number, toMs: number): QuarterSums {
  const count = (toMs - fromMs) / QUARTER_MS;
  const sums = {
    energies: new Float64Array(count),
    worst: new Uint8Array(count).fill(NOBODY),
    present: new Uint16Array(count),
  };
  for (const register of series) {
    // A quarter-hour belongs to the register that was main when it began.
    const first = Math.max(0, slotAt(register.fromMs, fromMs));
    const end = Math.min(count, slotAt(register.toMs, fromMs));
    let covered = first;
    for (const row of register.days) {
      const rowFirst = (utcDayStartMs(row.day) - fromMs) / QUARTER_MS;
      const rowFrom = Math.max(covered, rowFirst);
      const rowEnd = Math.min(end, rowFirst + QUARTERS_PER_UTC_DAY);
      if (rowEnd <= rowFrom) continue;
      sums.worst.fill(QuarterCode.missing, covered, rowFrom);
      addRow(sums, row, rowFirst, rowFrom, rowEnd);
      covered = rowEnd;
    }
    if (covered < end) sums.worst.fill(QuarterCode.missing, covered, end);
  }
  for (let slot = 0; slot < count; slot++) {
    if (sums.worst[slot] === NOBODY) sums.worst[slot] = QuarterCode.missing;
  }
  return sums;
}

/** Above every status: nobody has spoken for this quarter-hour yet. */
const NOBODY = 255;

/** The first quarter-hour that begins at or after the instant, counted from the origin. */
function slotAt(instantMs: number, originMs: number): number {
  return Math.ceil((instantMs - originMs) / QUARTER_MS);
}

function addRow(sums: QuarterSums, row: DayRow, rowFirst: number, from: number, end: number): void {
  const { energies, worst, present } = sums;
  const { quarters, statuses } = row;
  for (let slot = from; slot < end; slot++) {
    const status = statuses[slot - rowFirst] ?? QuarterCode.missing;
    if (status < (worst[slot] ?? NOBODY)) worst[slot] = status;
    if (status === QuarterCode.missing) continue;
    energies[slot] = (energies[slot] ?? 0) + quarters.readInt32LE(4 * (slot - rowFirst));
    present[slot] = (present[slot] ?? 0) + 1;
  }
}
