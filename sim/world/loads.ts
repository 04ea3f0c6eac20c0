// What draws power, gas and water in a building: each load is a pure function from a quarter-hour to its amount.
import { CLOCK_SLOTS, type WallTime } from "./calendar.ts";
import { activity } from "./habits.ts";
import { isAway } from "./household.ts";
import { chance, derive } from "./random.ts";

/** A quarter-hour of the world, as every load sees it. */
export type Moment = {
  /** Since 1970 UTC. */
  readonly quarter: number;
  readonly wall: WallTime;
  readonly outsideC: number;
  /** Sine of the sun's elevation. */
  readonly sunHeight: number;
};

/** Wh (or litres) in a quarter-hour; not yet rounded to what a register shows. */
export type Load = (moment: Moment) => number;

const QUARTERS_PER_YEAR = 365.2425 * CLOCK_SLOTS;
const QUARTERS_PER_HOUR = 4;
const watts = (powerW: number) => powerW / QUARTERS_PER_HOUR;

/** Corridors and garage: escape lighting always, the rest on motion while it is dark. */
export function lighting(dwellings: number): Load {
  return ({ wall, sunHeight }) => {
    const dark = Math.min(1, Math.max(DAYLIGHT_SHARE, 1 - (1 - DAYLIGHT_SHARE) * (sunHeight / BRIGHT_FROM)));
    return watts(dwellings * (4 + 7 * dark * activity(wall)));
  };
}

/** Cellars and garages have no windows. */
const DAYLIGHT_SHARE = 0.35;
/** Sine of the sun's elevation: some nine degrees. */
const BRIGHT_FROM = 0.16;

/** Standby of drive and cabin light, and a trip of about 20 Wh six times a day and dwelling. */
export function lift(seed: number, dwellings: number): Load {
  const trips = derive(seed, "trips");
  return ({ quarter, wall }) =>
    watts(90) + ((dwellings * 6 * 20) / CLOCK_SLOTS) * activity(wall) * (0.1 + 1.8 * chance(trips, quarter));
}

/** Ventilation, access control, network, sump pump. */
export function technical(seed: number, dwellings: number): Load {
  const jitter = derive(seed, "technical");
  return ({ quarter }) => watts((150 + 5 * dwellings) * (0.92 + 0.16 * chance(jitter, quarter)));
}

/** Below this outside temperature a building is heated. */
const HEATING_LIMIT_C = 16;
/** Mean over a Belgian year of the degrees below the limit, with the night set back. */
const MEAN_DEGREES = 5.25;
const NIGHT_SHARE = 0.72;

/** Degrees to be heated, against the year's mean. */
function heatDemand({ wall, outsideC }: Moment): number {
  return (Math.max(0, HEATING_LIMIT_C - outsideC) / MEAN_DEGREES) * (isNight(wall) ? NIGHT_SHARE : 1);
}

/** When heating is set back: 22 h to half past five. */
const isNight = ({ slot }: WallTime) => slot < CLOCK_SLOTS / 4 - 2 || slot >= (CLOCK_SLOTS * 22) / 24;

/** Boiler room: pumps and burner, full while heating, a share for the hot water otherwise. */
export function boilerRoom(dwellings: number): Load {
  return (moment) => {
    const running = moment.outsideC < HEATING_LIMIT_C ? 1 : 0.35;
    return watts((60 + 4 * dwellings) * running * (isNight(moment.wall) ? 0.6 : 1));
  };
}

/** A collective heat pump for `annualHeatWh` of heat: the colder the source, the worse the coefficient. */
export function heatPump(seed: number, annualHeatWh: number): Load {
  const cycles = derive(seed, "cycles");
  return (moment) => {
    const coefficient = Math.min(4.6, Math.max(2.1, 3 + 0.07 * (moment.outsideC - 5)));
    const heatWh =
      (annualHeatWh / QUARTERS_PER_YEAR) * (0.8 * heatDemand(moment) + 0.2 * activity(moment.wall));
    return (heatWh / coefficient) * (0.75 + 0.5 * chance(cycles, moment.quarter));
  };
}

const CHARGER_W = 7400;

/** A charging point: plugged in on some evenings, full power until the car is full, often past midnight. */
export function charger(seed: number): Load {
  const nights = derive(seed, "nights");
  const sessionWh = (day: number, slot: number) => {
    if (chance(nights, 3 * day) > 0.45) return 0;
    const start = Math.floor((CLOCK_SLOTS * (17.5 + 4 * chance(nights, 3 * day + 1))) / 24);
    const passedWh = (slot - start) * watts(CHARGER_W);
    const wantedWh = 7000 + 19_000 * chance(nights, 3 * day + 2);
    return slot < start ? 0 : Math.max(0, Math.min(watts(CHARGER_W), wantedWh - passedWh));
  };
  return ({ wall }) =>
    sessionWh(wall.civil.day, wall.slot) + sessionWh(wall.civil.day - 1, wall.slot + CLOCK_SLOTS);
}

/** Collective gas boiler, in litres of gas: heating by degrees outside, hot water by activity. */
export function gasBoiler(seed: number, annualWh: number): Load {
  const cycles = derive(seed, "burner");
  const meanL = annualWh / QUARTERS_PER_YEAR / GAS_WH_PER_L;
  return (moment) =>
    meanL *
    (0.78 * heatDemand(moment) + 0.22 * activity(moment.wall)) *
    (0.8 + 0.4 * chance(cycles, moment.quarter));
}

/** About 10.3 kWh in a cubic metre: what Belgian low- and high-calorific gas have between them. */
export const GAS_WH_PER_L = 10.3;

/** Cold water of the whole building, in litres. */
export function taps(seed: number, dwellings: number): Load {
  const draws = derive(seed, "taps");
  return ({ quarter, wall }) =>
    ((dwellings * 205) / CLOCK_SLOTS) * activity(wall) * (0.4 + 1.8 * chance(draws, quarter) ** 2);
}

/** Cold water of one dwelling, in litres: nothing while nobody is there, and in most quarter-hours nobody draws any. */
export function privateTaps(seed: number): Load {
  const draws = derive(seed, "taps");
  const dailyL = 110 + 180 * chance(draws, -1);
  return ({ quarter, wall }) => {
    if (isAway(seed, wall.civil)) return 0;
    const often = Math.min(1, 0.3 * activity(wall));
    const drawn = chance(draws, quarter);
    return drawn < often
      ? ((dailyL / CLOCK_SLOTS) * activity(wall) * (0.4 + 1.2 * (drawn / often))) / often
      : 0;
  };
}

/** Heat of one dwelling, Wh: turned down while nobody is there. */
export function radiators(seed: number, annualWh: number): Load {
  const valves = derive(seed, "valves");
  const meanWh = annualWh / QUARTERS_PER_YEAR;
  return (moment) => {
    const wanted = isAway(seed, moment.wall.civil) ? 0.5 : 1;
    return meanWh * wanted * heatDemand(moment) * (0.6 + 0.8 * chance(valves, moment.quarter));
  };
}
