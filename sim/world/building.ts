// A simulated building: its common parts, dwellings and climate, and an oracle for each register that measures them.
import { DAY_MS, QUARTER_MS, QUARTERS_PER_UTC_DAY } from "#devices/time";
import { createCalendar, type Calendar } from "./calendar.ts";
import { activity } from "./habits.ts";
import { createIndexSeries, remembered, type DayAmounts, type IndexSeries } from "./index-series.ts";
import * as loads from "./loads.ts";
import { chance, createRandom, derive, drift } from "./random.ts";
import { createWeather, type Weather } from "./weather.ts";

/** What the builder decided. Areas and powers are of the whole building. */
export type BuildingPlan = {
  /** Names the building within the world: its part of the seed. */
  readonly key: string;
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

/** Electricity at one meter: two tariffs each way, as Belgian meters count (1 by day on weekdays, 2 otherwise). */
export type ElectricityOracle = {
  readonly importDay: IndexSeries;
  readonly importNight: IndexSeries;
  readonly exportDay: IndexSeries;
  readonly exportNight: IndexSeries;
  isDayTariff(instantMs: number): boolean;
};

export type SimulatedBuilding = {
  readonly plan: BuildingPlan;
  readonly common: ElectricityOracle;
  readonly gas: IndexSeries | undefined;
  readonly water: IndexSeries;
  /** What the inverter counts; export is what is left of it. */
  readonly production: IndexSeries | undefined;
  /** The meter of a dwelling, 0 to `dwellings - 1`. */
  dwelling(number: number): ElectricityOracle;
  outsideC(instantMs: number): number;
  roomC(instantMs: number): number;
  /** Relative humidity inside, per cent. */
  humidity(instantMs: number): number;
};

/** Heat a dwelling takes in a year: an old building on gas, a renovated one on a heat pump. */
const GAS_WH_PER_DWELLING = 10_000_000;
const HEAT_WH_PER_DWELLING = 4_200_000;

/** Registers start at `firstDay` (UTC days since 1970). */
export function createBuilding(worldSeed: number, plan: BuildingPlan, firstDay: number): SimulatedBuilding {
  const seed = derive(worldSeed, plan.key);
  const calendar = createCalendar(plan.timezone);
  const weather = createWeather(derive(worldSeed, "weather"), plan);
  const sky = createSky(calendar, weather);
  const openings = createRandom(derive(seed, "openings"));
  const series = (amountsOf: (day: number) => DayAmounts, upTo: number): IndexSeries =>
    createIndexSeries({
      amountsOf: remembered(amountsOf),
      firstDay,
      opening: openings.below(upTo),
      grainSeed: derive(seed, "grain"),
    });

  const consumption = commonLoads(seed, plan);
  const producedOf = remembered((day) =>
    amounts(sky, day, (moment) => plan.panelsKwp * (weather.panelW(moment.quarter) / 4)),
  );
  const common = electricity(sky, sumOf(consumption), plan.panelsKwp > 0 ? producedOf : undefined, series);
  const boiler = loads.gasBoiler(seed, plan.dwellings * GAS_WH_PER_DWELLING);
  const taps = loads.taps(seed, plan.dwellings);
  const gas = plan.heating === "gas" ? series((day) => amounts(sky, day, boiler), 90_000_000) : undefined;
  const water = series((day) => amounts(sky, day, taps), 9_000_000);
  const production = plan.panelsKwp > 0 ? series(producedOf, 20_000_000) : undefined;

  const dwellings = Array.from({ length: plan.dwellings }, (_, number) =>
    createDwelling(derive(seed, `dwelling ${number}`), sky, firstDay),
  );
  const outsideC = (instantMs: number) => {
    const quarter = Math.floor(instantMs / QUARTER_MS);
    return weather.outsideC(quarter, calendar(quarter));
  };
  return {
    plan,
    common,
    gas,
    water,
    production,
    dwelling: (number) => {
      const found = dwellings[number]?.();
      if (found === undefined) throw new RangeError(`building ${plan.key} has no dwelling ${number}`);
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

/** The quarter-hours of a UTC day, computed once for all loads under this sky. */
type Sky = { momentsOf(utcDay: number): readonly loads.Moment[] };

function createSky(calendar: Calendar, weather: Weather): Sky {
  return {
    momentsOf: remembered((utcDay) =>
      Array.from({ length: QUARTERS_PER_UTC_DAY }, (_, slot) => {
        const quarter = utcDay * QUARTERS_PER_UTC_DAY + slot;
        const wall = calendar(quarter);
        return { quarter, wall, outsideC: weather.outsideC(quarter, wall) };
      }),
    ),
  };
}
type MakeSeries = (amountsOf: (day: number) => DayAmounts, upTo: number) => IndexSeries;

function commonLoads(seed: number, plan: BuildingPlan): loads.Load[] {
  return [
    loads.lighting(plan.dwellings),
    loads.technical(seed, plan.dwellings),
    loads.circulation(plan.dwellings),
    ...(plan.lift ? [loads.lift(seed, plan.dwellings)] : []),
    ...(plan.heating === "heat-pump" ? [loads.heatPump(seed, plan.dwellings * HEAT_WH_PER_DWELLING)] : []),
    ...Array.from({ length: plan.chargers }, (_, number) => loads.charger(derive(seed, `charger ${number}`))),
  ];
}

const sumOf =
  (parts: readonly loads.Load[]): loads.Load =>
  (moment) =>
    parts.reduce((sum, part) => sum + part(moment), 0);

/** Made on first use: most dwellings of a large building are never measured. */
function createDwelling(seed: number, sky: Sky, firstDay: number): () => ElectricityOracle {
  let made: ElectricityOracle | undefined;
  return () => {
    const annualWh = 2_000_000 + 1_500_000 * chance(seed, 1);
    const openings = createRandom(derive(seed, "openings"));
    made ??= electricity(sky, loads.household(seed, annualWh), undefined, (amountsOf, upTo) =>
      createIndexSeries({
        amountsOf: remembered(amountsOf),
        firstDay,
        opening: openings.below(upTo),
        grainSeed: derive(seed, "grain"),
      }),
    );
    return made;
  };
}

/** Import and export are netted per quarter-hour; without panels nothing is ever exported. */
function electricity(
  sky: Sky,
  load: loads.Load,
  producedOf: ((day: number) => DayAmounts) | undefined,
  series: MakeSeries,
): ElectricityOracle {
  const consumedOf = remembered((day) => amounts(sky, day, load));
  const flow = (direction: 1 | -1, tariff: "day" | "night", upTo: number) =>
    series((utcDay) => {
      const produced = producedOf?.(utcDay);
      if (produced === undefined && direction === -1) return NOTHING;
      const consumed = consumedOf(utcDay);
      const moments = sky.momentsOf(utcDay);
      return consumed.map((amount, slot) => {
        const net = direction * (amount - (produced?.[slot] ?? 0));
        return net > 0 && tariffOf(moments[slot]) === tariff ? net : 0;
      });
    }, upTo);
  const exported = producedOf === undefined ? 1 : 8_000_000;
  return {
    importDay: flow(1, "day", 40_000_000),
    importNight: flow(1, "night", 40_000_000),
    exportDay: flow(-1, "day", exported),
    exportNight: flow(-1, "night", exported),
    isDayTariff: (instantMs) => {
      const quarter = Math.floor(instantMs / QUARTER_MS);
      const utcDay = Math.floor(quarter / QUARTERS_PER_UTC_DAY);
      return tariffOf(sky.momentsOf(utcDay)[quarter - utcDay * QUARTERS_PER_UTC_DAY]) === "day";
    },
  };
}

const NOTHING: DayAmounts = new Int32Array(QUARTERS_PER_UTC_DAY);

function tariffOf(moment: loads.Moment | undefined): "day" | "night" {
  if (moment === undefined || moment.wall.weekend) return "night";
  return moment.wall.slot >= DAY_TARIFF_FROM && moment.wall.slot < DAY_TARIFF_TO ? "day" : "night";
}

/** 7 to 22 h on weekdays. */
const DAY_TARIFF_FROM = (7 * QUARTERS_PER_UTC_DAY) / 24;
const DAY_TARIFF_TO = (22 * QUARTERS_PER_UTC_DAY) / 24;

function amounts(sky: Sky, utcDay: number, load: loads.Load): DayAmounts {
  return Int32Array.from(sky.momentsOf(utcDay), (moment) => Math.round(load(moment)));
}
