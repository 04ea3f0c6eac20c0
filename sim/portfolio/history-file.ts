// The history of supply points as a grid operator would send it: a file of intervals, told from the same world as the telegrams.
import { DAY_MS, QUARTER_MS, QUARTERS_PER_UTC_DAY, utcDay } from "#devices/time";
import type { SupplyPointPlan } from "./site-plan.ts";

export type HistorySpan = {
  /** Both on a boundary of UTC days. */
  readonly fromMs: number;
  readonly toMs: number;
};

/** A supply point with the length of its file's intervals: gas meters pass their index on once an hour. */
export type HistoryPoint = {
  readonly point: SupplyPointPlan;
  readonly everyMs: number;
  /** What the file says instead of the truth of the interval that begins here; `undefined`: the line is missing. */
  readonly said?: (fromMs: number, amount: number) => number | undefined;
};

const HEADER = "code,from,to,energyWh,status\n";

/**
 * `interval-csv`, a UTC day a chunk: import in Wh (gas: l), validated by the grid operator. Supply points without a code have
 * no line. Their registers must have been there from `fromMs` on: before, an index stands still.
 */
export function* historyFile(points: readonly HistoryPoint[], span: HistorySpan): Generator<string> {
  yield HEADER;
  for (const told of points) {
    if (told.point.code === undefined) continue;
    for (let dayMs = span.fromMs; dayMs < span.toMs; dayMs += DAY_MS) yield dayOf(told, dayMs);
  }
}

function dayOf({ point, everyMs, said }: HistoryPoint, dayMs: number): string {
  const day = utcDay(dayMs);
  let lines = "";
  let index = point.indexAt("import", dayMs);
  for (let fromMs = dayMs; fromMs < dayMs + DAY_MS; fromMs += everyMs) {
    const toMs = fromMs + everyMs;
    const next = point.indexAt("import", toMs);
    const amount = said === undefined ? next - index : said(fromMs, next - index);
    index = next;
    if (amount === undefined) continue;
    const to = toMs === dayMs + DAY_MS ? utcDay(toMs) : day;
    lines += `${point.code},${day}${timeOf(fromMs)},${to}${timeOf(toMs)},${amount},validated\n`;
  }
  return lines;
}

/** A year has these tens of thousands of times. */
const timeOf = (instantMs: number) => TIMES[(instantMs % DAY_MS) / QUARTER_MS] ?? "";
const TIMES = Array.from({ length: QUARTERS_PER_UTC_DAY }, (_, slot) =>
  new Date(slot * QUARTER_MS)
    .toISOString()
    .replace(/^[^T]*/, "")
    .replace(".000", ""),
);
