// How closely the load curve is looked at: all of it, or a civil month, week or day within it.
import { addDays, civilDateAt, parseCivilDate, type CivilDate } from "../time/civil.ts";
import { periodOf, spanOf, stepPeriod, type Period, type PeriodUnit, type Span } from "../time/period.ts";
import { spanOfLoad, type GroupLoad } from "./profile.ts";

/** `year` is the whole load, whatever month it begins in. */
export const ZOOM_UNITS = ["year", "month", "week", "day"] as const satisfies readonly PeriodUnit[];

/** A zoom from an address; all of it where that says nothing usable. `start` is kept within the load. */
export function parseZoom(unit: string | null, date: string | null, load: GroupLoad): Period {
  const known = ZOOM_UNITS.find((candidate) => candidate === unit) ?? "year";
  return zoomAt(known, parseCivilDate(date) ?? firstDate(load), load);
}

export function zoomAt(unit: PeriodUnit, date: CivilDate, load: GroupLoad): Period {
  if (unit === "year") return { unit, start: firstDate(load) };
  const within = date < firstDate(load) ? firstDate(load) : date > lastDate(load) ? lastDate(load) : date;
  return periodOf(unit, within);
}

/** The part of the load that a zoom shows: a week at its beginning or end may be cut short. */
export function zoomSpan(zoom: Period, load: GroupLoad): Span {
  const whole = spanOfLoad(load);
  if (zoom.unit === "year") return whole;
  const { fromMs, toMs } = spanOf(zoom, load.timezone);
  return { fromMs: Math.max(fromMs, whole.fromMs), toMs: Math.min(toMs, whole.toMs) };
}

/** One further or back; `undefined` where the load ends. */
export function stepZoom(zoom: Period, count: 1 | -1, load: GroupLoad): Period | undefined {
  if (zoom.unit === "year") return undefined;
  const next = stepPeriod(zoom, count);
  const { fromMs, toMs } = spanOf(next, load.timezone);
  const whole = spanOfLoad(load);
  return fromMs < whole.toMs && toMs > whole.fromMs ? next : undefined;
}

export function firstDate(load: GroupLoad): CivilDate {
  return civilDateAt(load.fromMs, load.timezone);
}

/** The last date that the load has quarter-hours of. */
export function lastDate(load: GroupLoad): CivilDate {
  return addDays(civilDateAt(spanOfLoad(load).toMs, load.timezone), -1);
}
