// A dwelling's electricity: what always runs, what follows the people, and the appliances that they start and that stop again.
import { CLOCK_SLOTS, weekStart, type CivilDay } from "./calendar.ts";
import { activityOf, habitsOf, type Habits, type Taste } from "./habits.ts";
import type { Load } from "./loads.ts";
import { chance, createRandom, derive, type Random } from "./random.ts";

/** What kind of people live there. The same for the same seed. */
export type Household = {
  /** Electricity in a year, Wh. */
  readonly annualWh: number;
  /** Of it always on: cold appliances and standby. */
  readonly baseShare: number;
  readonly taste: Taste;
  /** Appliances of one's own are weaker or stronger. */
  readonly appliance: number;
};

const ANNUAL_WH = { from: 1_900_000, spread: 1_500_000 };
const AT_HOME_SHARE = 0.38;

export function householdOf(seed: number): Household {
  const random = createRandom(derive(seed, "people"));
  return {
    annualWh: ANNUAL_WH.from + ANNUAL_WH.spread * random.next(),
    baseShare: 0.2 + 0.28 * random.next(),
    taste: {
      // Mean 1 over all households.
      noon: random.next() < AT_HOME_SHARE ? 1.75 : 0.54,
      lateHours: 2 * (random.next() + random.next() - 1),
    },
    appliance: 0.6 + 0.9 * random.next(),
  };
}

const DAYS_PER_YEAR = 365.2425;
/** Mean share of the year that people are there. */
const PRESENT_SHARE = 0.93;
/** Of what follows the people, the part that comes in runs of appliances; the rest is light and screens. */
const RUNS_SHARE = 0.62;
/** How far winter is above and summer below the year's mean. */
const SEASON = 0.17;

/** Away for whole weeks from Saturday on: seldom, and more in school holidays. */
export function isAway(seed: number, { day, away }: CivilDay): boolean {
  return chance(derive(seed, "away"), weekStart(day)) < away;
}

export function household(seed: number): Load {
  const home = householdOf(seed);
  const habits = habitsOf(home.taste);
  const meanWh = home.annualWh / DAYS_PER_YEAR / CLOCK_SLOTS;
  const baseWh = meanWh * home.baseShare;
  const activeWh = (meanWh - baseWh) / PRESENT_SHARE;
  const cold = derive(seed, "cold");
  const screens = derive(seed, "screens");
  const present = (civil: CivilDay): Today => {
    if (isAway(seed, civil)) return { day: civil.day, lightWh: 0, runs: NOTHING };
    const seasonWh = activeWh * (1 + SEASON * civil.winter);
    const runs = runsOf(seed, civil, home, habits, RUNS_SHARE * seasonWh);
    return { day: civil.day, lightWh: (1 - RUNS_SHARE) * seasonWh, runs };
  };
  let today: Today | undefined;
  return ({ quarter, wall }) => {
    if (today?.day !== wall.civil.day) today = present(wall.civil);
    const base = baseWh * (0.7 + 0.6 * chance(cold, quarter));
    if (today.lightWh === 0) return base;
    const light = today.lightWh * activityOf(habits, wall) * (0.5 + chance(screens, quarter));
    return base + light + (today.runs[wall.slot] ?? 0);
  };
}

/** What was drawn for a civil day: asked for quarter-hour after quarter-hour, so one is remembered. */
type Today = { readonly day: number; readonly lightWh: number; readonly runs: Float32Array };

const NOTHING = new Float32Array(CLOCK_SLOTS);

/** An appliance: how many of ten runs are its, what a run takes, and for how many quarter-hours. */
type Appliance = {
  readonly upTo: number;
  readonly wh: readonly [number, number];
  readonly slots: readonly [number, number];
};

const APPLIANCES: readonly Appliance[] = [
  // Kettle, microwave oven, hair dryer, vacuum cleaner.
  { upTo: 0.52, wh: [60, 240], slots: [1, 1] },
  // Hob and oven.
  { upTo: 0.86, wh: [250, 900], slots: [2, 4] },
  // Washing machine, dishwasher, dryer.
  { upTo: 1, wh: [500, 1300], slots: [4, 9] },
];
const MEAN_RUN_WH = 0.52 * 150 + 0.34 * 575 + 0.14 * 900;

/** The day's runs, each around a moment drawn from the habits; what a run takes is spread over its quarter-hours. */
function runsOf(
  seed: number,
  civil: CivilDay,
  home: Household,
  habits: Habits,
  quarterWh: number,
): Float32Array {
  const amounts = new Float32Array(CLOCK_SLOTS);
  const random = createRandom(derive(seed, civil.day));
  const shapes = habits[civil.kind];
  const shape = random.next() < (1 + civil.winter) / 2 ? shapes.winter : shapes.summer;
  const total = shape.reduce((sum, value) => sum + value, 0);
  const expected = (quarterWh * total) / (MEAN_RUN_WH * home.appliance);
  // Somewhat more regular than pure chance: half as many again are thought of, and some are left out.
  const planned = Math.ceil(1.5 * expected);
  for (let run = 0; run < planned; run++) {
    if (random.next() * planned < expected) addRun(amounts, shape, total, home.appliance, random);
  }
  return amounts;
}

function addRun(
  amounts: Float32Array,
  shape: Float64Array,
  total: number,
  strength: number,
  random: Random,
): void {
  let left = random.next() * total;
  let middle = 0;
  while (middle < CLOCK_SLOTS - 1 && (left -= shape[middle] ?? 0) > 0) middle++;
  const which = random.next();
  const appliance = APPLIANCES.find(({ upTo }) => which < upTo) ?? APPLIANCES[0];
  if (appliance === undefined) return;
  const between = ([low, high]: readonly [number, number]) => low + (high - low) * random.next();
  const slots = Math.round(between(appliance.slots));
  const wh = (strength * between(appliance.wh)) / slots;
  // Within the civil day: nobody's oven runs past midnight.
  const start = Math.min(CLOCK_SLOTS - slots, Math.max(0, middle - (slots >> 1)));
  for (let slot = start; slot < start + slots; slot++) amounts[slot] = (amounts[slot] ?? 0) + wh;
}
