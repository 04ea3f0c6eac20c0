// The quarter-hours of a day under one sky, and whole amounts of them: what all registers of a building are made of.
import { QUARTERS_PER_UTC_DAY } from "#devices/time";
import type { Calendar, WallTime } from "./calendar.ts";
import { createIndexSeries, type DayAmounts, type IndexSeries } from "./index-series.ts";
import type { Load, Moment } from "./loads.ts";
import type { Random } from "./random.ts";
import { A_YEAR_DAYS, remembered } from "./remembered.ts";
import type { Weather } from "./weather.ts";

export type Sky = {
  /** Every quarter-hour of a UTC day in its order. The moment is one object, filled anew each time: nobody may keep it. */
  visit(utcDay: number, look: (moment: Moment, slot: number) => void): void;
};

/** A year is remembered: one register after the other asks for it. */
export function createSky(calendar: Calendar, weather: Weather): Sky {
  const dayOf = remembered((utcDay) => skyDay(utcDay, calendar, weather), A_YEAR_DAYS);
  return {
    visit: (utcDay, look) => {
      const { walls, outsideC, sunHeight } = dayOf(utcDay);
      const moment = { quarter: 0, wall: walls[0] ?? calendar(0), outsideC: 0, sunHeight: 0 };
      for (const [slot, wall] of walls.entries()) {
        moment.quarter = utcDay * QUARTERS_PER_UTC_DAY + slot;
        moment.wall = wall;
        moment.outsideC = outsideC[slot] ?? 0;
        moment.sunHeight = sunHeight[slot] ?? 0;
        look(moment, slot);
      }
    },
  };
}

function skyDay(utcDay: number, calendar: Calendar, weather: Weather) {
  const walls: WallTime[] = [];
  const outsideC = new Float32Array(QUARTERS_PER_UTC_DAY);
  const sunHeight = new Float32Array(QUARTERS_PER_UTC_DAY);
  for (let slot = 0; slot < QUARTERS_PER_UTC_DAY; slot++) {
    const quarter = utcDay * QUARTERS_PER_UTC_DAY + slot;
    const wall = calendar(quarter);
    walls.push(wall);
    outsideC[slot] = weather.outsideC(quarter, wall);
    sunHeight[slot] = weather.sunHeight(quarter);
  }
  return { walls, outsideC, sunHeight };
}

/** What a register counts: each quarter-hour rounded once. */
export function amounts(sky: Sky, utcDay: number, load: Load): DayAmounts {
  const rounded = new Int32Array(QUARTERS_PER_UTC_DAY);
  sky.visit(utcDay, (moment, slot) => {
    rounded[slot] = Math.round(load(moment));
  });
  return rounded;
}

export type MakeSeries = (amountsOf: (utcDay: number) => DayAmounts, openingBelow: number) => IndexSeries;

export type Meter = { readonly firstDay: number; readonly openings: Random; readonly grainSeed: number };

/** Registers of one meter: put in on the same day, each with an opening of its own. */
export const seriesOf =
  ({ firstDay, openings, grainSeed }: Meter): MakeSeries =>
  (amountsOf, openingBelow) =>
    createIndexSeries({ amountsOf, firstDay, opening: openings.below(openingBelow), grainSeed });
