// The load curve as rows of a table: mean, highest and lowest power of each day, hour or quarter-hour.
import { slotsOf, type Resolution, type Span } from "../time/period.ts";
import { powerOf, QUARTER_MS, spanOfLoad, type GroupLoad } from "./profile.ts";

export type LoadRow = Span & {
  /** Powers in W (l/h of a volume); `null` where nothing of the row is known. */
  readonly mean: number | null;
  readonly highest: number | null;
  readonly lowest: number | null;
  /** Quarter-hours without a value, of all in the row. */
  readonly missing: number;
  readonly quarters: number;
};

/** The rows of a span, which begins and ends on a quarter-hour of the load. */
export function loadRows(load: GroupLoad, span: Span, resolution: Resolution): LoadRow[] {
  return slotsOf(span, resolution, load.timezone).map((slot) => rowOf(load, slot));
}

/** The months of the whole load, `YYYY-MM`-ordered, with how much of each is missing. */
export function monthRows(load: GroupLoad): (LoadRow & { readonly energy: number })[] {
  return slotsOf(spanOfLoad(load), "month", load.timezone).map((slot) => ({
    ...rowOf(load, slot),
    energy: energyOf(load, slot),
  }));
}

function slotsIn({ fromMs, energies }: GroupLoad, span: Span): Float64Array {
  const first = Math.round((span.fromMs - fromMs) / QUARTER_MS);
  return energies.subarray(Math.max(0, first), Math.max(0, Math.round((span.toMs - fromMs) / QUARTER_MS)));
}

function rowOf(load: GroupLoad, span: Span): LoadRow {
  const values = slotsIn(load, span);
  let sum = 0;
  let known = 0;
  let highest = Number.NEGATIVE_INFINITY;
  let lowest = Number.POSITIVE_INFINITY;
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    sum += value;
    known += 1;
    highest = Math.max(highest, value);
    lowest = Math.min(lowest, value);
  }
  const quarters = values.length;
  const missing = quarters - known;
  if (known === 0) return { ...span, mean: null, highest: null, lowest: null, missing, quarters };
  return {
    ...span,
    mean: powerOf(sum / known),
    highest: powerOf(highest),
    lowest: powerOf(lowest),
    missing,
    quarters,
  };
}

function energyOf(load: GroupLoad, span: Span): number {
  return slotsIn(load, span).reduce((sum, value) => (Number.isNaN(value) ? sum : sum + value), 0);
}
