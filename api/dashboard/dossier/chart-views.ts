// The dossier's numbers as chart views: the load curve of a span, the months, the load duration curve.
import type { ChartView, Tick } from "../energy/chart-view.ts";
import type { MissingPatch } from "../energy/bars.ts";
import { amountScale, type Formats, type LoadUnit, type Measure } from "../text/formats.ts";
import { civilDateAt, wallTime } from "../time/civil.ts";
import { slotsOf, type PeriodUnit, type Resolution, type Span } from "../time/period.ts";
import type { LoadDuration } from "./load-duration.ts";
import type { LoadRow } from "./load-rows.ts";
import { powerOf, QUARTER_MS, type GroupLoad } from "./profile.ts";

/** Power in W or kW; the flow of a volume in l/h or m³/h. */
export function rateMeasure(formats: Formats, value: number, unit: LoadUnit): Measure {
  if (unit === "Wh") return formats.power(value);
  const { number, unit: shown } = formats.amount(value, "l");
  return { number, unit: `${shown}/h` };
}

/** One axis for all values of a chart: what they are divided by, and the unit then. */
function rateScale(largest: number, unit: LoadUnit): { readonly per: number; readonly unit: string } {
  const big = largest >= 1000;
  if (unit === "Wh") return big ? { per: 1000, unit: "kW" } : { per: 1, unit: "W" };
  return big ? { per: 1000, unit: "m³/h" } : { per: 1, unit: "l/h" };
}

const TICKS = { day: "hour", week: "day", month: "day", year: "month" } as const satisfies Record<
  PeriodUnit,
  Resolution
>;

/** The quarter-hours of a span that lies within the load. Gaps break the line and are hatched. */
export function loadCurveView(load: GroupLoad, span: Span, period: PeriodUnit, formats: Formats): ChartView {
  const first = (span.fromMs - load.fromMs) / QUARTER_MS;
  const energies = load.energies.subarray(first, first + (span.toMs - span.fromMs) / QUARTER_MS);
  const largest = powerOf(energies.reduce((most, energy) => (energy > most ? energy : most), 0));
  const scale = rateScale(largest, load.unit);
  return {
    kind: "curve",
    values: Array.from(energies, (energy) => (Number.isNaN(energy) ? null : powerOf(energy) / scale.per)),
    estimated: [],
    ghost: [],
    missing: gapsOf(energies),
    axisUnit: scale.unit,
    ticks: (narrow) => curveTicks(load, span, period, formats, narrow),
    formatAxis: (value) => axisNumber(formats, value, largest / scale.per),
  };
}

/** Runs without a value, first and last included. */
export function gapsOf(energies: Float64Array): MissingPatch[] {
  const gaps: { first: number; last: number; share: number }[] = [];
  energies.forEach((energy, slot) => {
    if (!Number.isNaN(energy)) return;
    const before = gaps.at(-1);
    if (before !== undefined && before.last === slot - 1) before.last = slot;
    else gaps.push({ first: slot, last: slot, share: 1 });
  });
  return gaps;
}

function curveTicks(
  { timezone }: GroupLoad,
  span: Span,
  period: PeriodUnit,
  formats: Formats,
  narrow: boolean,
): Tick[] {
  return slotsOf(span, TICKS[period], timezone).flatMap(({ fromMs }) => {
    const label = tickLabel(fromMs, period, timezone, formats, narrow);
    return label === undefined ? [] : [{ index: (fromMs - span.fromMs) / QUARTER_MS, label }];
  });
}

function tickLabel(
  instantMs: number,
  period: PeriodUnit,
  zone: string,
  formats: Formats,
  narrow: boolean,
): string | undefined {
  switch (period) {
    case "day":
      return wallTime(instantMs, zone).hour % (narrow ? 6 : 3) === 0
        ? formats.time(instantMs, zone)
        : undefined;
    case "week":
      return formats.weekday(instantMs, zone);
    case "month":
      return !narrow || Number(civilDateAt(instantMs, zone).slice(8)) % 5 === 1
        ? formats.dayOfMonth(instantMs, zone)
        : undefined;
    case "year":
      return narrow && Number(civilDateAt(instantMs, zone).slice(5, 7)) % 3 !== 1
        ? undefined
        : formats.month(instantMs, zone);
  }
}

/** The published energy of each month (Wh or l), and what share of its quarter-hours no value was published for. */
export function monthsView(
  energies: readonly number[],
  rows: readonly Pick<LoadRow, "fromMs" | "missing" | "quarters">[],
  { unit, timezone }: Pick<GroupLoad, "unit" | "timezone">,
  formats: Formats,
): ChartView {
  const largest = Math.max(0, ...energies);
  const scale = amountScale(unit, largest);
  return {
    kind: "bars",
    values: energies.map((energy) => energy / scale.per),
    estimated: energies.map(() => 0),
    ghost: [],
    missing: rows.flatMap(({ missing, quarters }, index) =>
      missing === 0 ? [] : [{ first: index, last: index, share: missing / quarters }],
    ),
    axisUnit: scale.unit,
    ticks: (narrow) =>
      rows.flatMap(({ fromMs }, index) =>
        narrow && index % 2 === 1 ? [] : [{ index, label: formats.month(fromMs, timezone) }],
      ),
    formatAxis: (value) => axisNumber(formats, value, largest / scale.per),
  };
}

/** Powers in falling order over the share of the time. */
export function durationView({ powers }: LoadDuration, unit: LoadUnit, formats: Formats): ChartView {
  const largest = powers[0] ?? 0;
  const scale = rateScale(largest, unit);
  const last = powers.length - 1;
  return {
    kind: "curve",
    values: Array.from(powers, (power) => power / scale.per),
    estimated: [],
    ghost: [],
    missing: [],
    axisUnit: scale.unit,
    ticks: (narrow) =>
      (narrow ? [0, 0.5, 1] : [0, 0.2, 0.4, 0.6, 0.8, 1]).map((share) => ({
        index: Math.round(share * last),
        label: formats.percent(share),
      })),
    formatAxis: (value) => axisNumber(formats, value, largest / scale.per),
  };
}

function axisNumber(formats: Formats, value: number, largest: number): string {
  return formats.decimal(value, largest >= 4 ? 0 : largest >= 0.4 ? 1 : 2);
}
