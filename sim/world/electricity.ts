// Electricity at one meter: netted per quarter-hour, counted in two tariffs each way, by the hours of its country.
import { QUARTER_MS, QUARTERS_PER_UTC_DAY } from "#devices/time";
import type { Country } from "./absences.ts";
import { CLOCK_SLOTS, type Calendar, type WallTime } from "./calendar.ts";
import type { DayAmounts, IndexSeries } from "./index-series.ts";
import { remembered } from "./remembered.ts";
import type { MakeSeries, Sky } from "./sky.ts";

/** Two tariffs each way, by day and otherwise. A meter without tariffs shows their sum. */
export type ElectricityOracle = {
  readonly importDay: IndexSeries;
  readonly importNight: IndexSeries;
  readonly exportDay: IndexSeries;
  readonly exportNight: IndexSeries;
  isDayTariff(instantMs: number): boolean;
};

export type ElectricityOptions = {
  readonly country: Country;
  readonly calendar: Calendar;
  readonly sky: Sky;
  readonly consumedOf: (utcDay: number) => DayAmounts;
  readonly producedOf: ((utcDay: number) => DayAmounts) | undefined;
  readonly series: MakeSeries;
};

/** Without panels nothing is ever exported. */
export function createElectricity({
  country,
  calendar,
  sky,
  consumedOf,
  producedOf,
  series,
}: ElectricityOptions): ElectricityOracle {
  const flowsOf = remembered((utcDay) => {
    const consumed = consumedOf(utcDay);
    const produced = producedOf?.(utcDay);
    const [importDay, importNight] = [empty(), empty()];
    const [exportDay, exportNight] = produced === undefined ? [NOTHING, NOTHING] : [empty(), empty()];
    sky.visit(utcDay, ({ wall }, slot) => {
      const net = (consumed[slot] ?? 0) - (produced?.[slot] ?? 0);
      const day = isDay(country, wall);
      if (net >= 0) (day ? importDay : importNight)[slot] = net;
      else (day ? exportDay : exportNight)[slot] = -net;
    });
    return { importDay, importNight, exportDay, exportNight };
  });
  const importBelow = 40_000_000;
  const exportBelow = producedOf === undefined ? 1 : 8_000_000;
  return {
    importDay: series((utcDay) => flowsOf(utcDay).importDay, importBelow),
    importNight: series((utcDay) => flowsOf(utcDay).importNight, importBelow),
    exportDay: series((utcDay) => flowsOf(utcDay).exportDay, exportBelow),
    exportNight: series((utcDay) => flowsOf(utcDay).exportNight, exportBelow),
    isDayTariff: (instantMs) => isDay(country, calendar(Math.floor(instantMs / QUARTER_MS))),
  };
}

const empty = (): DayAmounts => new Int32Array(QUARTERS_PER_UTC_DAY);
const NOTHING = empty();

type Hours = { readonly fromHour: number; readonly toHour: number; readonly weekends: boolean };

/**
 * Belgium: 7 to 22 h on weekdays. France: the hours between two common nights. Italy: F1, 8 to 19 h on weekdays; F2 and F3 are
 * counted together.
 */
const DAY_TARIFF: Readonly<Record<Country, Hours>> = {
  BE: { fromHour: 7, toHour: 22, weekends: false },
  FR: { fromHour: 6.5, toHour: 22.5, weekends: true },
  IT: { fromHour: 8, toHour: 19, weekends: false },
};

function isDay(country: Country, { civil, slot }: WallTime): boolean {
  const { fromHour, toHour, weekends } = DAY_TARIFF[country];
  const hour = (slot / CLOCK_SLOTS) * 24;
  return (weekends || !civil.weekend) && hour >= fromHour && hour < toHour;
}
