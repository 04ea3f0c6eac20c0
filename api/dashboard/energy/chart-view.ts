// What a chart is asked to draw, apart from how: plain arrays, prepared once, the same for bars and for the load curve.
import { amountScale, type AmountUnit, type Formats } from "../text/formats.ts";
import { civilDateAt, wallTime } from "../time/civil.ts";
import { slotsOf, type PeriodUnit, type Resolution, type Span } from "../time/period.ts";
import { missingPatches, type Bar, type MissingPatch } from "./bars.ts";

export type ChartColours = {
  readonly series: string;
  readonly surface: string;
  readonly ink: string;
  readonly inkSoft: string;
  readonly line: string;
  readonly hatch: string;
  readonly ghost: string;
};

export type Tick = { readonly index: number; readonly label: string };

export type ChartView = {
  readonly kind: "bars" | "curve";
  /** In the unit shown on the axis; `null` where there is nothing. */
  readonly values: readonly (number | null)[];
  /** What stood there in the period that this one is compared with, behind the bars; empty without one. */
  readonly ghost: readonly (number | null)[];
  /** Share of each bar that is estimated: the more, the lighter. */
  readonly estimated: readonly number[];
  readonly missing: readonly MissingPatch[];
  readonly axisUnit: string;
  /** The texts below the axis and the bars that they stand under, ascending; fewer where there is little room. */
  readonly ticks: (narrow: boolean) => readonly Tick[];
  readonly formatAxis: (value: number) => string;
};

/** Bars in kWh, m³, kg, money …, all in the unit of the largest, the ghosts behind them included. */
export function barsView(
  bars: readonly Bar[],
  unit: AmountUnit,
  period: PeriodUnit,
  zone: string,
  formats: Formats,
  ghost: readonly (number | null)[] = [],
): ChartView {
  const most = (least: number, value: number | null): number => Math.max(least, value ?? 0);
  const largest = [...bars.map(({ value }) => value), ...ghost].reduce<number>(most, 0);
  const scale = typeof unit === "object" ? moneyScale(unit, formats) : amountScale(unit, largest);
  const scaled = (value: number | null): number | null => (value === null ? null : value / scale.per);
  return {
    kind: "bars",
    values: bars.map(({ value }) => scaled(value)),
    ghost: ghost.map(scaled),
    estimated: bars.map(({ quality }) => estimatedShare(quality)),
    missing: missingPatches(bars),
    axisUnit: scale.unit,
    ticks: ticksFor(bars, period, zone, formats),
    formatAxis: (value) => formats.decimal(value, axisDigits(largest / scale.per)),
  };
}

/** The load curve: the average power of every quarter-hour, in kW or W. */
export function curveView(
  quarters: readonly Bar[],
  period: PeriodUnit,
  zone: string,
  formats: Formats,
): ChartView {
  const largest = quarters.reduce((most, { maxPowerW }) => Math.max(most, maxPowerW ?? 0), 0);
  const per = largest < 1000 ? 1 : 1000;
  return {
    kind: "curve",
    values: quarters.map(({ maxPowerW }) => (maxPowerW === null ? null : maxPowerW / per)),
    ghost: [],
    estimated: [],
    missing: missingPatches(quarters),
    axisUnit: per === 1 ? "W" : "kW",
    ticks: ticksFor(quarters, period, zone, formats),
    formatAxis: (value) => formats.decimal(value, axisDigits(largest / per)),
  };
}

function moneyScale({ currency }: { readonly currency: string }, formats: Formats) {
  return { per: 1, unit: formats.currencySign(currency) };
}

function estimatedShare({ measured, estimated }: Bar["quality"]): number {
  const known = measured + estimated;
  return known === 0 ? 0 : estimated / known;
}

function axisDigits(largest: number): number {
  if (largest >= 4) return 0;
  return largest >= 0.4 ? 1 : 2;
}

/** Which slots carry a text: full hours of a day, midnights of a week and month, first days of a year's months. */
function ticksFor(
  slots: readonly Span[],
  period: PeriodUnit,
  zone: string,
  formats: Formats,
): ChartView["ticks"] {
  const span = { fromMs: slots[0]?.fromMs ?? 0, toMs: slots.at(-1)?.toMs ?? 0 };
  const indexOf = new Map(slots.map(({ fromMs }, index) => [fromMs, index]));
  return (narrow) =>
    slotsOf(span, TICK_RESOLUTION[period], zone).flatMap(({ fromMs }) => {
      const index = indexOf.get(fromMs);
      const label = labelAt(fromMs, period, zone, formats, narrow);
      return index === undefined || label === undefined ? [] : [{ index, label }];
    });
}

const TICK_RESOLUTION = { day: "hour", week: "day", month: "day", year: "month" } as const satisfies Record<
  PeriodUnit,
  Resolution
>;

function labelAt(
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
    case "month": {
      const dayOfMonth = Number(civilDateAt(instantMs, zone).slice(8));
      return !narrow || dayOfMonth % 5 === 1 ? formats.dayOfMonth(instantMs, zone) : undefined;
    }
    case "year":
      return formats.month(instantMs, zone);
  }
}
