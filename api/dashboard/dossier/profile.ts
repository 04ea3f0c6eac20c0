// A group's published load as numbers in a row: one per quarter-hour, and where its civil days lie.
import { addDays, civilDateAt, startOfDayMs, type CivilDate } from "../time/civil.ts";
import type { Span } from "../time/period.ts";
import type { LoadUnit } from "../text/formats.ts";

export const QUARTER_MS = 900_000;
export const QUARTERS_PER_HOUR = 4;

/** `energies[slot]` is what was used in the quarter-hour from `fromMs + slot × 15 min`; NaN where missing or withheld. */
export type GroupLoad = {
  readonly fromMs: number;
  readonly timezone: string;
  /** `Wh`, or `l` for gas and water. */
  readonly unit: LoadUnit;
  readonly energies: Float64Array;
};

/** As the API sends it. */
type SentProfile = {
  readonly from: string;
  readonly timezone: string;
  readonly unit: LoadUnit;
  readonly quarters: readonly (number | null)[];
};

/** A civil date and its quarter-hours [first, end): 92 to 100 of them when it is whole. */
export type DayRange = { readonly date: CivilDate; readonly first: number; readonly end: number };

export function groupLoadOf({ from, timezone, unit, quarters }: SentProfile): GroupLoad {
  const energies = Float64Array.from(quarters, (value) => value ?? Number.NaN);
  return { fromMs: Date.parse(from), timezone, unit, energies };
}

export function spanOfLoad({ fromMs, energies }: GroupLoad): Span {
  return { fromMs, toMs: fromMs + energies.length * QUARTER_MS };
}

export function slotSpan({ fromMs }: GroupLoad, slot: number): Span {
  const startMs = fromMs + slot * QUARTER_MS;
  return { fromMs: startMs, toMs: startMs + QUARTER_MS };
}

/** The civil days of the tender's zone, in order, without hole or overlap; the first and last may be parts of one. */
export function daysOf(load: GroupLoad): DayRange[] {
  const { fromMs, toMs } = spanOfLoad(load);
  const days: DayRange[] = [];
  let date = civilDateAt(fromMs, load.timezone);
  for (let first = 0; first < load.energies.length;) {
    const next = addDays(date, 1);
    const endMs = Math.min(startOfDayMs(next, load.timezone), toMs);
    const end = Math.round((endMs - fromMs) / QUARTER_MS);
    // A date that a zone skipped altogether has no quarter-hour.
    if (end > first) days.push({ date, first, end });
    first = end;
    date = next;
  }
  return days;
}

/** The mean power of a quarter-hour's energy: W of Wh, l/h of l. */
export function powerOf(energy: number): number {
  return energy * QUARTERS_PER_HOUR;
}
