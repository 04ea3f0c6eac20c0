// What a period is compared with, and which of its slots stands beside which: by the clocks on the wall, never by ±24 h.
import { daysBetween, wallTime } from "./civil.ts";
import { stepPeriod, type Period, type PeriodUnit, type Span } from "./period.ts";

/** `previous`: the period just before. `year`: the same period a year before. */
export const COMPARISONS = ["previous", "year"] as const;
export type Comparison = (typeof COMPARISONS)[number];

/** In steps of the period's own unit. Days and weeks go back 52 weeks: a Tuesday is compared with a Tuesday. */
const STEPS = { day: 52 * 7, week: 52, month: 12, year: 1 } as const satisfies Record<PeriodUnit, number>;

/** What a period of this unit can be compared with: the year before is also the previous year. */
export function comparisonsOf(unit: PeriodUnit): readonly Comparison[] {
  return unit === "year" ? ["previous"] : COMPARISONS;
}

/** From an address; `undefined` where it says nothing that this unit knows. */
export function parseComparison(text: string | null, unit: PeriodUnit): Comparison | undefined {
  return comparisonsOf(unit).find((known) => known === text);
}

export function counterpartOf(period: Period, comparison: Comparison): Period {
  return stepPeriod(period, comparison === "previous" ? -1 : -STEPS[period.unit]);
}

/**
 * For each slot of a period, a text that it shares with the slot of another period at the same place: the same hour of the
 * same weekday, the same day of the month, the same month of the year. The second 02:30 of an autumn night is a place of its
 * own; what one period lacks has no counterpart there.
 */
export function slotPlaces(slots: readonly Span[], period: Period, zone: string): string[] {
  const seen = new Map<string, number>();
  return slots.map(({ fromMs }) => {
    const { date, hour, minute } = wallTime(fromMs, zone);
    const place =
      period.unit === "year" ? date.slice(5) : `${daysBetween(period.start, date)} ${hour}:${minute}`;
    const before = seen.get(place) ?? 0;
    seen.set(place, before + 1);
    return before === 0 ? place : `${place} (${before + 1})`;
  });
}
