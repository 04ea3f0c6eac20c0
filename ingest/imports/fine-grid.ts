// Intervals shorter than a quarter-hour, or across its bounds, gathered into quarter-hours: the energy of each hour is kept.
import { DAY_MS, HOUR_MS, MINUTE_MS, QUARTER_MS } from "#devices/time";
import type { Entry, LateRow } from "./format.ts";
import { FileFault, rowFault, type RowFault } from "./row-fault.ts";

/** The largest of which 10, 15, 30 and 60 minutes are multiples. */
const STEP_MS = 5 * MINUTE_MS;
const STEPS_PER_DAY = DAY_MS / STEP_MS;
const STEPS_PER_HOUR = HOUR_MS / STEP_MS;
const STEPS_PER_QUARTER = QUARTER_MS / STEP_MS;
/** Fifty years. */
const DAYS_MAX = 20_000;

type FineDay = {
  readonly energies: Float64Array;
  /** 0: nothing. */
  readonly statuses: Uint8Array;
  readonly lines: Int32Array;
  readonly lengthsS: Int32Array;
};

export type FineInterval = {
  readonly fromMs: number;
  readonly toMs: number;
  /** Not rounded. */
  readonly energyWh: number;
  readonly status: number;
};

export type FineGrid = {
  /** On multiples of five minutes. What was said already is harmless, what contradicts it is refused. */
  readonly add: (code: string, interval: FineInterval, line: number) => RowFault | undefined;
  /** Whole quarter-hours as intervals of the length that they came in; a quarter-hour that is not covered is refused with a line of it. */
  readonly rows: () => Iterable<LateRow>;
};

export function createFineGrid(columns: { readonly time: string; readonly value: string }): FineGrid {
  const codes = new Map<string, Map<number, FineDay>>();
  let count = 0;

  function dayOf(days: Map<number, FineDay>, day: number): FineDay {
    const found = days.get(day);
    if (found !== undefined) return found;
    if (++count > DAYS_MAX) {
      throw new FileFault(
        "too_many_days",
        `The file holds more than ${DAYS_MAX} days: divide it into several.`,
      );
    }
    const opened = {
      energies: new Float64Array(STEPS_PER_DAY),
      statuses: new Uint8Array(STEPS_PER_DAY),
      lines: new Int32Array(STEPS_PER_DAY),
      lengthsS: new Int32Array(STEPS_PER_DAY),
    };
    days.set(day, opened);
    return opened;
  }

  return {
    add: (code, { fromMs, toMs, energyWh, status }, line) => {
      if (fromMs % STEP_MS !== 0 || toMs % STEP_MS !== 0) {
        const detail = `From ${shown(fromMs)} to ${shown(toMs)} is not on multiples of five minutes: correct the time or the length of the interval.`;
        return rowFault(columns.time, "time_off_quarter_hour", detail);
      }
      const days = codes.get(code) ?? new Map<number, FineDay>();
      codes.set(code, days);
      const [first, end] = [fromMs / STEP_MS, toMs / STEP_MS];
      const share = energyWh / (end - first);
      for (let step = first; step < end; step++) {
        const held = days.get(Math.floor(step / STEPS_PER_DAY));
        const at = step % STEPS_PER_DAY;
        if (held === undefined || held.statuses[at] === 0) continue;
        if (held.statuses[at] === status && Math.abs((held.energies[at] ?? 0) - share) < 1e-6) continue;
        const detail = `Line ${held.lines[at]} gives the time from ${shown(step * STEP_MS)} already, with another value or status: keep one of the two.`;
        return rowFault(columns.value, "row_contradicts_earlier", detail);
      }
      for (let step = first; step < end; step++) {
        const day = dayOf(days, Math.floor(step / STEPS_PER_DAY));
        const at = step % STEPS_PER_DAY;
        day.energies[at] = share;
        day.statuses[at] = status;
        day.lines[at] = line;
        day.lengthsS[at] = (toMs - fromMs) / 1000;
      }
      return undefined;
    },
    rows: function* () {
      for (const [code, days] of codes) {
        for (const [number, day] of days) yield* rowsOfDay(code, number * DAY_MS, day, columns);
      }
    },
  };
}

/** Running sums within each hour are rounded, so that the hour keeps its energy to half a watt-hour. */
function* rowsOfDay(
  code: string,
  startMs: number,
  day: FineDay,
  columns: { readonly time: string; readonly value: string },
): Generator<LateRow> {
  for (let hour = 0; hour < STEPS_PER_DAY; hour += STEPS_PER_HOUR) {
    let sum = 0;
    for (let quarter = hour; quarter < hour + STEPS_PER_HOUR; quarter += STEPS_PER_QUARTER) {
      const before = Math.round(sum);
      const { energy, covered, status, line, lengthS } = contentOf(day, quarter);
      if (covered === 0) continue;
      const fromMs = startMs + quarter * STEP_MS;
      if (covered < STEPS_PER_QUARTER) {
        const minutes = (covered * STEP_MS) / MINUTE_MS;
        const detail = `Of the quarter-hour from ${shown(fromMs)} the file holds ${minutes} minutes: it was left out. Send the file with the rest of the hour.`;
        yield { line, code, result: rowFault(columns.time, "quarter_incomplete", detail) };
        continue;
      }
      sum += energy;
      const entry: Entry = {
        fromMs,
        toMs: fromMs + QUARTER_MS,
        energyWh: Math.round(sum) - before,
        status,
        carrier: "electricity",
        resolutionS: lengthS,
      };
      yield { line, code, result: [entry] };
    }
  }
}

function contentOf(day: FineDay, quarter: number) {
  let [energy, covered, status, line, lengthS] = [0, 0, 255, 0, 0];
  for (let at = quarter; at < quarter + STEPS_PER_QUARTER; at++) {
    if (day.statuses[at] === 0) continue;
    covered++;
    energy += day.energies[at] ?? 0;
    status = Math.min(status, day.statuses[at] ?? 0);
    line = Math.max(line, day.lines[at] ?? 0);
    lengthS = Math.max(lengthS, day.lengthsS[at] ?? 0);
  }
  return { energy, covered, status, line, lengthS };
}

function shown(atMs: number): string {
  return new Date(atMs).toISOString();
}
