// When people are away: school holidays of a country, as the share of households that spend a week of them elsewhere.
import { easterSunday } from "#devices/holidays";
import { DAY_MS } from "#devices/time";

/** Where the world has buildings. */
export type Country = "BE" | "FR" | "IT";

type Stretch = { readonly from: string; readonly to: string; readonly share: number };
type AroundEaster = { readonly fromDays: number; readonly toDays: number; readonly share: number };

/**
 * Months and days, first and last included. Communities, zones and regions differ by some days from each other and from year
 * to year; a load profile does not show it.
 */
const STRETCHES: Readonly<Record<Country, readonly Stretch[]>> = {
  BE: [
    { from: "07-01", to: "08-31", share: 0.2 },
    { from: "10-26", to: "11-02", share: 0.12 },
    { from: "12-22", to: "12-31", share: 0.12 },
    { from: "01-01", to: "01-04", share: 0.12 },
  ],
  FR: [
    { from: "07-06", to: "07-31", share: 0.18 },
    { from: "08-01", to: "08-24", share: 0.32 },
    { from: "10-18", to: "11-02", share: 0.1 },
    { from: "12-20", to: "12-31", share: 0.14 },
    { from: "01-01", to: "01-04", share: 0.14 },
    { from: "02-14", to: "03-01", share: 0.1 },
  ],
  IT: [
    { from: "06-15", to: "07-31", share: 0.12 },
    { from: "08-01", to: "08-08", share: 0.3 },
    { from: "08-09", to: "08-22", share: 0.6 },
    { from: "08-23", to: "08-31", share: 0.25 },
    { from: "12-23", to: "12-31", share: 0.15 },
    { from: "01-01", to: "01-06", share: 0.15 },
  ],
};

/** Days after Easter Sunday: carnival and the spring holidays. */
const AROUND_EASTER: Readonly<Record<Country, readonly AroundEaster[]>> = {
  BE: [
    { fromDays: -50, toDays: -42, share: 0.1 },
    { fromDays: -8, toDays: 7, share: 0.12 },
  ],
  FR: [{ fromDays: -1, toDays: 14, share: 0.12 }],
  IT: [{ fromDays: -3, toDays: 2, share: 0.15 }],
};

/** Somebody is always travelling. */
const OTHERWISE = 0.02;

/** `day`: civil, since 1970-01-01. */
export function awayShare(country: Country, day: number): number {
  const date = new Date(day * DAY_MS).toISOString();
  const monthDay = date.slice("2026-".length, "2026-01-01".length);
  const stretch = STRETCHES[country].find(({ from, to }) => from <= monthDay && monthDay <= to);
  if (stretch !== undefined) return stretch.share;
  const days = day - easterOf(Number(date.slice(0, "2026".length)));
  const around = AROUND_EASTER[country].find(({ fromDays, toDays }) => fromDays <= days && days <= toDays);
  return around?.share ?? OTHERWISE;
}

const easters = new Map<number, number>();

function easterOf(year: number): number {
  let day = easters.get(year);
  if (day === undefined) {
    day = easterSunday(year).toZonedDateTime("UTC").epochMilliseconds / DAY_MS;
    easters.set(year, day);
  }
  return day;
}
