// A simulated building: its common parts, dwellings and climate, and an oracle for each register that measures them.
import { DAY_MS, QUARTER_MS, QUARTERS_PER_UTC_DAY } from "#devices/time";
import type { Country } from "./absences.ts";
import { createCalendar } from "./calendar.ts";
import { createDwelling, type DwellingOracle } from "./dwelling.ts";
import { createElectricity, type ElectricityOracle } from "./electricity.ts";
import { activity } from "./habits.ts";
import type { DayAmounts, IndexSeries } from "./index-series.ts";
import * as loads from "./loads.ts";
import { createRandom, derive, drift } from "./random.ts";
import { remembered } from "./remembered.ts";
import { amounts, createSky, seriesOf } from "./sky.ts";
import { createWeather } from "./weather.ts";

/** What the builder decided. Areas and powers are of the whole building. */
export type BuildingPlan = {
  /** Names the building within the world: its part of the seed. */
  readonly key: string;
  readonly country: Country;
  readonly timezone: string;
  readonly latitudeDeg: number;
  readonly longitudeDeg: number;
  readonly dwellings: number;
  readonly lift: boolean;
  /** Peak power of panels behind the common meter, 0 for none. */
  readonly panelsKwp: number;
  readonly heating: "gas" | "heat-pump";
  readonly chargers: number;
};

/** Which common parts have a meter of their own behind the common one. */
export type PartName = "lighting" | "technical" | "boiler-room" | "lift" | "heat-pump" | `charger ${number}`;

export type SimulatedBuilding = {
  readonly plan: BuildingPlan;
  readonly common: ElectricityOracle;
  /**
   * What each common part takes, Wh: to the watt-hour, they add up to what the common meter lets in, less what it lets out, plus
   * what the panels give.
   */
  readonly parts: ReadonlyMap<PartName, IndexSeries>;
  readonly gas: IndexSeries | undefined;
  /** Of the whole building, the meter of the street. */
  readonly water: IndexSeries;
  /** What the inverter counts; export is what is left of it. */
  readonly production: IndexSeries | undefined;
  /** The meters of a dwelling, 0 to `dwellings - 1`. */
  dwelling(number: number): DwellingOracle;
  outsideC(instantMs: number): number;
  roomC(instantMs: number): number;
  /** Relative humidity inside, per cent. */
  humidity(instantMs: number): number;
};

/** Heat a dwelling takes in a Belgian year: an old building on gas, a renovated one on a heat pump. */
const HEAT_WH_PER_DWELLING = { gas: 10_000_000, "heat-pump": 4_200_000 };

/** Registers start at `firstDay` (UTC days since 1970). */
export function createBuilding(worldSeed: number, plan: BuildingPlan, firstDay: number): SimulatedBuilding {
  const seed = derive(worldSeed, plan.key);
  const calendar = createCalendar(plan.timezone, plan.country);
  const weather = createWeather(derive(worldSeed, "weather"), plan);
  const sky = createSky(calendar, weather);
  const openings = createRandom(derive(seed, "openings"));
  const series = seriesOf({ firstDay, openings, grainSeed: derive(seed, "grain") });

  const partAmounts = new Map(
    [...commonLoads(seed, plan)].map(([name, load]) => [name, remembered((day) => amounts(sky, day, load))]),
  );
  const producedOf = remembered((day) =>
    amounts(sky, day, ({ quarter, sunHeight }) => plan.panelsKwp * (weather.panelW(quarter, sunHeight) / 4)),
  );
  const common = createElectricity({
    country: plan.country,
    calendar,
    sky,
    consumedOf: (day) => total([...partAmounts.values()].map((amountsOf) => amountsOf(day))),
    producedOf: plan.panelsKwp > 0 ? producedOf : undefined,
    series,
  });
  const heatWh = HEAT_WH_PER_DWELLING[plan.heating];
  const boiler = loads.gasBoiler(seed, plan.dwellings * heatWh);
  const taps = loads.taps(seed, plan.dwellings);
  const gas = plan.heating === "gas" ? series((day) => amounts(sky, day, boiler), 90_000_000) : undefined;
  const water = series((day) => amounts(sky, day, taps), 9_000_000);
  const production = plan.panelsKwp > 0 ? series(producedOf, 20_000_000) : undefined;
  const parts = new Map([...partAmounts].map(([name, amountsOf]) => [name, series(amountsOf, 5_000_000)]));

  const dwellings = new Map<number, DwellingOracle>();
  const outsideC = (instantMs: number) => {
    const quarter = Math.floor(instantMs / QUARTER_MS);
    return weather.outsideC(quarter, calendar(quarter));
  };
  return {
    plan,
    common,
    parts,
    gas,
    water,
    production,
    // Made on first use: most dwellings of a large building are never measured.
    dwelling: (number) => {
      if (!(number >= 0 && number < plan.dwellings)) {
        throw new RangeError(`building ${plan.key} has no dwelling ${number}`);
      }
      let found = dwellings.get(number);
      if (found === undefined) {
        const own = {
          calendar,
          seed: derive(seed, `dwelling ${number}`),
          country: plan.country,
          sky,
          firstDay,
          heatWh,
        };
        dwellings.set(number, (found = createDwelling(own)));
      }
      return found;
    },
    outsideC,
    roomC: (instantMs) => {
      const wall = calendar(Math.floor(instantMs / QUARTER_MS));
      const warmth = Math.max(0, outsideC(instantMs) - 19) * 0.45;
      return (
        19.2 +
        0.5 * activity(wall) +
        warmth +
        0.8 * (drift(derive(seed, "room"), instantMs / QUARTER_MS / 6) - 0.5)
      );
    },
    humidity: (instantMs) => {
      const wall = calendar(Math.floor(instantMs / QUARTER_MS));
      return 46 + 4 * activity(wall) + 14 * (drift(derive(seed, "humidity"), instantMs / DAY_MS) - 0.5);
    },
  };
}

function commonLoads(seed: number, plan: BuildingPlan): Map<PartName, loads.Load> {
  const parts = new Map<PartName, loads.Load>([
    ["lighting", loads.lighting(plan.dwellings)],
    ["technical", loads.technical(seed, plan.dwellings)],
    ["boiler-room", loads.boilerRoom(plan.dwellings)],
  ]);
  if (plan.lift) parts.set("lift", loads.lift(seed, plan.dwellings));
  if (plan.heating === "heat-pump") {
    parts.set("heat-pump", loads.heatPump(seed, plan.dwellings * HEAT_WH_PER_DWELLING["heat-pump"]));
  }
  for (let number = 0; number < plan.chargers; number++) {
    parts.set(`charger ${number}`, loads.charger(derive(seed, `charger ${number}`)));
  }
  return parts;
}

function total(parts: readonly DayAmounts[]): DayAmounts {
  const sums = new Int32Array(QUARTERS_PER_UTC_DAY);
  for (const part of parts)
    for (let slot = 0; slot < sums.length; slot++) sums[slot] = (sums[slot] ?? 0) + (part[slot] ?? 0);
  return sums;
}
