// The private meters of a dwelling: electricity, cold water, and the heat that it takes from the building.
import type { Country } from "./absences.ts";
import type { Calendar } from "./calendar.ts";
import { createElectricity, type ElectricityOracle } from "./electricity.ts";
import { household } from "./household.ts";
import type { IndexSeries } from "./index-series.ts";
import * as loads from "./loads.ts";
import { chance, createRandom, derive } from "./random.ts";
import { amounts, seriesOf, type Sky } from "./sky.ts";

export type DwellingOracle = ElectricityOracle & {
  /** Litres. */
  readonly water: IndexSeries;
  /** Wh at its heat meter. */
  readonly heat: IndexSeries;
};

export type DwellingOptions = {
  readonly seed: number;
  readonly country: Country;
  readonly calendar: Calendar;
  readonly sky: Sky;
  readonly firstDay: number;
  /** What a dwelling of the building takes in a Belgian year, before losses on the way. */
  readonly heatWh: number;
};

/** Between the boiler and the dwellings. */
const DELIVERED_SHARE = 0.8;

export function createDwelling({
  seed,
  country,
  calendar,
  sky,
  firstDay,
  heatWh,
}: DwellingOptions): DwellingOracle {
  const series = seriesOf({
    firstDay,
    openings: createRandom(derive(seed, "openings")),
    grainSeed: derive(seed, "grain"),
  });
  const load = household(seed);
  const electricity = createElectricity({
    country,
    calendar,
    sky,
    consumedOf: (day) => amounts(sky, day, load),
    producedOf: undefined,
    series,
  });
  const taps = loads.privateTaps(seed);
  const heating = loads.radiators(seed, heatWh * DELIVERED_SHARE * (0.6 + 0.8 * chance(seed, 2)));
  return {
    ...electricity,
    water: series((day) => amounts(sky, day, taps), 600_000),
    heat: series((day) => amounts(sky, day, heating), 60_000_000),
  };
}
