// What a year of a load profile is judged by: volume, load factor, mean daily shape, evening peak, season.
import { max, mean, quantile, sampleCorrelation, sum } from "simple-statistics";
import type { ClockDay, ClockYear } from "./published-profiles.ts";

export type ProfileFigures = {
  readonly volumeWh: number;
  /** Mean over highest of the profile's own intervals. */
  readonly loadFactor: number;
  /** Hour of the clock in the middle of the shape's highest interval after noon. */
  readonly eveningPeakHour: number;
  /** October to March. */
  readonly winterShare: number;
  /** Of the mean day's energy, 17 to 21 h. */
  readonly eveningShare: number;
  /** Mean day, mean 1. */
  readonly shape: readonly number[];
  /** Shares of the year. */
  readonly months: readonly number[];
};

export function figuresOf(year: ClockYear): ProfileFigures {
  const all = year.days.flatMap(({ wh }) => Array.from(wh));
  const volumeWh = sum(all);
  const shape = meanShape(year);
  const afternoon = shape.slice(shape.length / 2);
  const hours = (place: number) => ((place + 0.5) * 24) / year.perDay;
  const months = Array.from({ length: 12 }, (_, month) => sumOf(daysOfMonth(year, month + 1)) / volumeWh);
  return {
    volumeWh,
    loadFactor: mean(all) / max(all),
    eveningPeakHour: hours(shape.length / 2 + afternoon.indexOf(max(afternoon))),
    winterShare: sum([...months.slice(0, 3), ...months.slice(9)]),
    eveningShare: sum(shape.filter((_, place) => hours(place) >= 17 && hours(place) < 21)) / sum(shape),
    shape,
    months,
  };
}

/** Mean 1 over the day. `only`: days that count. */
export function meanShape(year: ClockYear, only: (date: string) => boolean = () => true): number[] {
  const days = year.days.filter(({ date }) => only(date));
  const totals = Array.from({ length: year.perDay }, (_, place) => sum(days.map(({ wh }) => wh[place] ?? 0)));
  const level = mean(totals);
  return totals.map((total) => total / level);
}

/** Hours of the clock instead of its quarter-hours. */
export function hourly(year: ClockYear): ClockYear {
  const per = year.perDay / 24;
  const day = ({ date, wh }: ClockDay) => ({
    date,
    wh: Array.from({ length: 24 }, (_, hour) => sum(Array.from(wh).slice(hour * per, (hour + 1) * per))),
  });
  return { perDay: 24, days: year.days.map(day) };
}

export const correlation = (one: readonly number[], other: readonly number[]) =>
  sampleCorrelation([...one], [...other]);

export const quartiles = (values: readonly number[]) =>
  [0.25, 0.5, 0.75].map((share) => quantile([...values], share));

const sumOf = (days: readonly ClockDay[]) => sum(days.map(({ wh }) => sum(Array.from(wh))));

const daysOfMonth = ({ days }: ClockYear, month: number) =>
  days.filter(({ date }) => Number(date.slice("2026-".length, "2026-01".length)) === month);
