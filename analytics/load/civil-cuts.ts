// Where civil hours, days and months begin in a zone, as instants.
import { HOUR_MS, QUARTER_MS } from "#devices/time";

export type CivilResolution = "quarter-hour" | "hour" | "day" | "month";

/**
 * The instants at which a new civil hour, day or month begins, from the one that contains `fromMs` (its own beginning, so
 * not after `fromMs`) to the first at or after `toMs`. Days have 92 to 100 quarter-hours; the hour in which a zone moves its
 * clocks by half an hour (Lord Howe) leaves one of two quarter-hours.
 */
export function civilCuts(
  fromMs: number,
  toMs: number,
  resolution: CivilResolution,
  timezone: string,
): number[] {
  switch (resolution) {
    case "quarter-hour":
      return regularCuts(Math.floor(fromMs / QUARTER_MS) * QUARTER_MS, toMs, QUARTER_MS);
    case "hour":
      return hourCuts(fromMs, toMs, timezone);
    case "day":
      return dateCuts(fromMs, toMs, timezone, (date) => date, { days: 1 });
    case "month":
      return dateCuts(fromMs, toMs, timezone, (date) => date.with({ day: 1 }), { months: 1 });
  }
}

function regularCuts(firstMs: number, toMs: number, stepMs: number): number[] {
  const cuts = [firstMs];
  for (let cutMs = firstMs; cutMs < toMs;) cuts.push((cutMs += stepMs));
  return cuts;
}

/** Steps on civil dates, never by 24 hours: some days have no midnight, and begin later. */
function dateCuts(
  fromMs: number,
  toMs: number,
  timezone: string,
  beginning: (date: Temporal.PlainDate) => Temporal.PlainDate,
  step: { days: number } | { months: number },
): number[] {
  const startMs = (date: Temporal.PlainDate) => date.toZonedDateTime(timezone).epochMilliseconds;
  let date = beginning(zoned(fromMs, timezone).toPlainDate());
  const cuts = [startMs(date)];
  while ((cuts.at(-1) ?? toMs) < toMs) cuts.push(startMs((date = date.add(step))));
  return cuts;
}

/** A civil hour begins where the zone's clock shows a full hour, and where it is moved. */
function hourCuts(fromMs: number, toMs: number, timezone: string): number[] {
  const cuts: number[] = [];
  // The hour that contains the beginning started less than two hours ago, moved clocks included.
  let at = zoned(fromMs - 2 * HOUR_MS, timezone);
  for (;;) {
    const startMs = at.epochMilliseconds;
    const moved = at.getTimeZoneTransition("next");
    const endMs = Math.min(moved?.epochMilliseconds ?? Infinity, toMs + HOUR_MS);
    const offsetMs = at.offsetNanoseconds / 1e6;
    const firstMs = Math.ceil((startMs + offsetMs) / HOUR_MS) * HOUR_MS - offsetMs;
    for (let cutMs = firstMs; cutMs < endMs; cutMs += HOUR_MS) cuts.push(cutMs);
    if (moved === null) break;
    cuts.push(moved.epochMilliseconds);
    if (moved.epochMilliseconds >= toMs) break;
    at = moved;
  }
  return trimmed(cuts, fromMs, toMs);
}

/** From the last cut at or before `fromMs` to the first at or after `toMs`, each once. */
function trimmed(cuts: readonly number[], fromMs: number, toMs: number): number[] {
  const sorted = [...new Set(cuts)].sort((left, right) => left - right);
  const first = sorted.findLastIndex((cutMs) => cutMs <= fromMs);
  const last = sorted.findIndex((cutMs) => cutMs >= toMs);
  return sorted.slice(Math.max(first, 0), last < 0 ? undefined : last + 1);
}

function zoned(instantMs: number, timezone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(instantMs).toZonedDateTimeISO(timezone);
}
