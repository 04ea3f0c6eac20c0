// Which year a dossier is about: the last twelve civil months that every supply point covers to the end.
import type { TenderPeriod } from "./tender-calendar.ts";

const PERIOD_MONTHS = 12;

/**
 * Whole civil months, because publications are compared month by month. `to` follows the last month that each supply point
 * covers to its end; `lastMeasuredDays` (`YYYY-MM-DD`) has one day for each, and at least one.
 */
export function dossierPeriod(lastMeasuredDays: readonly string[], timezone: string): TenderPeriod {
  const [least] = lastMeasuredDays.toSorted();
  if (least === undefined) throw new RangeError("A dossier's period needs at least one measured day.");
  const to = Temporal.PlainDate.from(least).add({ days: 1 }).with({ day: 1 });
  const from = to.subtract({ months: PERIOD_MONTHS });
  return { from: from.toString(), to: to.toString(), timezone };
}
