// How many civil days of a supply point are measured, and the last of them: what enrolment and the dossier's period ask.
import { DAY_MS, QUARTER_MS, QUARTERS_PER_UTC_DAY } from "#devices/time";
import { QuarterCode } from "#devices/vocabulary";
import { civilCuts } from "../load/civil-cuts.ts";
import { MEASURED_DAY_STATUS } from "./supply-point-volume.ts";
import { YEAR_DAYS } from "./tender-calendar.ts";

/** Statuses of one source of a supply point, by UTC day since 1970, each `QUARTERS_PER_UTC_DAY` long. */
export type StatusSource = {
  /** History brought in files; else a main register. */
  readonly imported: boolean;
  /** While it was the main register; `-Infinity` and `Infinity` where that has no end. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Ascending. */
  readonly days: readonly number[];
  readonly statuses: Uint8Array;
};

/** Consecutive quarter-hours from the beginning of a UTC day on. */
export type StatusLine = { readonly firstDay: number; readonly statuses: Uint8Array };

export type CivilDay = {
  /** `YYYY-MM-DD`. */
  readonly date: string;
  /** Quarter-hours since 1970: [first, end). */
  readonly first: number;
  readonly end: number;
};

export type MeasuredDays = {
  /** Among the 365 civil days up to the last one. */
  readonly measuredDays: number;
  /** `YYYY-MM-DD`, or `null` without any. */
  readonly lastMeasuredDay: string | null;
};

/**
 * The worst status of the main registers, and the better one of that and of what was imported: how well a supply point's
 * quarter-hours are known once its load is put together. `undefined`: nothing is known.
 */
export function mergedStatuses(sources: readonly StatusSource[]): StatusLine | undefined {
  const days = sources.flatMap((source) => source.days);
  if (days.length === 0) return undefined;
  const firstDay = days.reduce((least, day) => Math.min(least, day), Infinity);
  const endDay = days.reduce((most, day) => Math.max(most, day), -Infinity) + 1;
  const count = (endDay - firstDay) * QUARTERS_PER_UTC_DAY;
  const worst = new Uint8Array(count).fill(NOBODY);
  const imported = new Uint8Array(count);
  for (const source of sources) {
    const line = lineOf(source, firstDay, count);
    if (source.imported) imported.set(line.statuses);
    else lowerTo(worst, line.statuses, line.from, line.to);
  }
  for (let slot = 0; slot < count; slot++) {
    const registers = worst[slot] === NOBODY ? QuarterCode.missing : (worst[slot] ?? 0);
    worst[slot] = Math.max(registers, imported[slot] ?? 0);
  }
  return { firstDay, statuses: worst };
}

/** Above every status: no register has spoken for this quarter-hour yet. */
const NOBODY = 255;

function lineOf(
  source: StatusSource,
  firstDay: number,
  count: number,
): { statuses: Uint8Array; from: number; to: number } {
  const statuses = new Uint8Array(count);
  for (const [index, day] of source.days.entries()) {
    const at = index * QUARTERS_PER_UTC_DAY;
    statuses.set(
      source.statuses.subarray(at, at + QUARTERS_PER_UTC_DAY),
      (day - firstDay) * QUARTERS_PER_UTC_DAY,
    );
  }
  const slotAt = (instantMs: number) => Math.ceil((instantMs - firstDay * DAY_MS) / QUARTER_MS);
  return {
    statuses,
    from: Math.max(0, slotAt(source.fromMs)),
    to: Math.min(count, slotAt(source.toMs)),
  };
}

function lowerTo(worst: Uint8Array, statuses: Uint8Array, from: number, to: number): void {
  for (let slot = from; slot < to; slot++) {
    const status = statuses[slot] ?? QuarterCode.missing;
    if (status < (worst[slot] ?? NOBODY)) worst[slot] = status;
  }
}

/** The civil days of a zone that touch [fromMs, toMs), in order. */
export function civilDaysOf(fromMs: number, toMs: number, timezone: string): CivilDay[] {
  const cuts = civilCuts(fromMs, toMs, "day", timezone);
  return cuts.slice(0, -1).map((cutMs, index) => ({
    date: Temporal.Instant.fromEpochMilliseconds(cutMs).toZonedDateTimeISO(timezone).toPlainDate().toString(),
    first: cutMs / QUARTER_MS,
    end: (cuts[index + 1] ?? cutMs) / QUARTER_MS,
  }));
}

/** The civil days that any of the lines touches; empty without lines. */
export function civilDaysOfLines(lines: readonly StatusLine[], timezone: string): CivilDay[] {
  if (lines.length === 0) return [];
  const from = lines.reduce((least, { firstDay }) => Math.min(least, firstDay), Infinity);
  const to = lines.reduce(
    (most, { firstDay, statuses }) => Math.max(most, firstDay + statuses.length / QUARTERS_PER_UTC_DAY),
    -Infinity,
  );
  return civilDaysOf(from * DAY_MS, to * DAY_MS, timezone);
}

/**
 * The measured ones among `days`, ascending. Days outside the line are not measured: `days` may be more than it has, so that one
 * list serves many lines.
 */
export function measuredDatesOf(line: StatusLine, days: readonly CivilDay[]): string[] {
  return days.filter((day) => isMeasured(line, day)).map(({ date }) => date);
}

export function measuredDaysOf(dates: readonly string[]): MeasuredDays {
  const last = dates.at(-1);
  if (last === undefined) return { measuredDays: 0, lastMeasuredDay: null };
  const from = Temporal.PlainDate.from(last)
    .subtract({ days: YEAR_DAYS - 1 })
    .toString();
  return { measuredDays: dates.filter((date) => date >= from).length, lastMeasuredDay: last };
}

function isMeasured({ firstDay, statuses }: StatusLine, day: CivilDay): boolean {
  const origin = (firstDay * DAY_MS) / QUARTER_MS;
  if (day.first < origin || day.end > origin + statuses.length) return false;
  for (let slot = day.first - origin; slot < day.end - origin; slot++) {
    if ((statuses[slot] ?? QuarterCode.missing) < MEASURED_DAY_STATUS) return false;
  }
  return true;
}

/** Of a period's civil days the last 365, half-open: what its annual volume rests on. */
export function yearOfPeriod(period: { readonly from: string; readonly to: string }): {
  readonly from: string;
  readonly to: string;
} {
  const from = Temporal.PlainDate.from(period.to).subtract({ days: YEAR_DAYS }).toString();
  return { from: from > period.from ? from : period.from, to: period.to };
}
