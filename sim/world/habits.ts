// When people are up: the daily shapes of what somebody switches on, by kind of day and season.
import { CLOCK_SLOTS, type DayKind, type WallTime } from "./calendar.ts";

const HOURS_PER_DAY = 24;

/** A rise around an hour of the clock, which goes round. */
type Rise = { readonly at: number; readonly width: number; readonly height: number };

/** Winter and summer differ in the evening: dusk falls into it or after it. */
type Shapes = { readonly winter: Float64Array; readonly summer: Float64Array };

/**
 * Fitted to what H25 (BDEW 2025) and eighteen Belgian meters of 2016 have in common, less a constant base. Against the mean of
 * all days: a Sunday has more than a working day.
 */
const KINDS: Readonly<
  Record<
    DayKind,
    { night: number; morning: Rise; noon: Rise; evening: Rise; summerEvening: number; late: Rise }
  >
> = {
  "working-day": {
    night: 0.26,
    morning: { at: 7.4, width: 1.1, height: 0.38 },
    noon: { at: 12.75, width: 3.1, height: 0.88 },
    evening: { at: 18.3, width: 1.3, height: 0.82 },
    summerEvening: 0.58,
    late: { at: 21, width: 2.1, height: 1.06 },
  },
  saturday: {
    night: 0.22,
    morning: { at: 8.5, width: 1, height: 0.18 },
    noon: { at: 12.4, width: 3.2, height: 1.5 },
    evening: { at: 18, width: 1.5, height: 0.84 },
    summerEvening: 0.52,
    late: { at: 21.1, width: 2.4, height: 1.04 },
  },
  sunday: {
    night: 0.28,
    morning: { at: 8.6, width: 0.9, height: 0.15 },
    noon: { at: 12.1, width: 2.6, height: 1.62 },
    evening: { at: 18, width: 1.8, height: 1.04 },
    summerEvening: 0.76,
    late: { at: 21, width: 2.4, height: 1 },
  },
};

/** Who is at home on working days has a noon of its own; a clock of one's own is early or late. */
export type Taste = { readonly noon: number; readonly lateHours: number };

const EVERYBODY: Taste = { noon: 1, lateHours: 0 };

/** Activity over the day's clock against the mean of all days. */
export type Habits = Readonly<Record<DayKind, Shapes>>;

export function habitsOf(taste: Taste): Habits {
  return {
    "working-day": shapesOf("working-day", taste),
    saturday: shapesOf("saturday", { ...taste, noon: 1 }),
    sunday: shapesOf("sunday", { ...taste, noon: 1 }),
  };
}

function shapesOf(kind: DayKind, taste: Taste): Shapes {
  const { night, morning, noon, evening, summerEvening, late } = KINDS[kind];
  const shape = (eveningHeight: number) =>
    Float64Array.from({ length: CLOCK_SLOTS }, (_, slot) => {
      const hour = ((slot + 0.5) / CLOCK_SLOTS) * HOURS_PER_DAY - taste.lateHours;
      return (
        night +
        bump(hour, morning) +
        taste.noon * bump(hour, noon) +
        bump(hour, { ...evening, height: eveningHeight }) +
        bump(hour, late)
      );
    });
  return { winter: shape(evening.height), summer: shape(summerEvening) };
}

function bump(hour: number, { at, width, height }: Rise): number {
  const half = HOURS_PER_DAY / 2;
  const off = ((((hour - at + half) % HOURS_PER_DAY) + HOURS_PER_DAY) % HOURS_PER_DAY) - half;
  return height * Math.exp(-((off / width) ** 2) / 2);
}

const everybody = habitsOf(EVERYBODY);

/** Of all people together. */
export const activity = (wall: WallTime) => activityOf(everybody, wall);

export function activityOf(habits: Habits, { civil, slot }: WallTime): number {
  const { winter, summer } = habits[civil.kind];
  const share = (1 + civil.winter) / 2;
  return share * (winter[slot] ?? 0) + (1 - share) * (summer[slot] ?? 0);
}
