// The history of supply points as a grid operator would send it: a file of intervals, told from the same world as the telegrams.
import { DAY_MS } from "#devices/time";
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
  let lines = "";
  let index = point.indexAt("import", dayMs);
  let from = new Date(dayMs).toISOString();
  for (let toMs = dayMs + everyMs; toMs <= dayMs + DAY_MS; toMs += everyMs) {
    const next = point.indexAt("import", toMs);
    const to = new Date(toMs).toISOString();
    const amount = said === undefined ? next - index : said(toMs - everyMs, next - index);
    if (amount !== undefined) lines += `${point.code},${from},${to},${amount},validated\n`;
    [index, from] = [next, to];
  }
  return lines;
}
