// Numbers, units and instants as a reader of one locale writes them; times are always those of the building's zone.
import { utcMidnightMs, type CivilDate } from "../time/civil.ts";
import type { Period, Resolution, Span } from "../time/period.ts";
import { periodEnd } from "../time/period.ts";
import { addDays } from "../time/civil.ts";
import { moneyText } from "./amounts.ts";

/** The API's unit of a load series: `Wh`, or `l` for a volume. */
export type LoadUnit = "Wh" | "l";

/** What a figure or a bar can be counted in: energy, volume, kilograms of CO₂, or money of an ISO 4217 currency. */
export type AmountUnit = LoadUnit | "kg" | { readonly currency: string };

/** A number and its unit apart, so that a page can set them in different sizes. */
export type Measure = { readonly number: string; readonly unit: string };

export type Formats = ReturnType<typeof createFormats>;

const NO_BREAK = "\u00a0";
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** How much is shown: three significant digits below a thousand, whole numbers above. */
function digitsFor(value: number): number {
  const size = Math.abs(value);
  if (size === 0 || size >= 100) return 0;
  return size >= 10 ? 1 : 2;
}

/** Formats for a BCP 47 tag such as `fr-BE`. */
export function createFormats(tag: string) {
  const numbers = new Map<number, Intl.NumberFormat>();
  const dates = new Map<string, Intl.DateTimeFormat>();
  const relative = new Intl.RelativeTimeFormat(tag, { numeric: "always", style: "short" });

  function decimal(value: number, digits = digitsFor(value)): string {
    let format = numbers.get(digits);
    if (format === undefined) {
      format = new Intl.NumberFormat(tag, { minimumFractionDigits: digits, maximumFractionDigits: digits });
      numbers.set(digits, format);
    }
    return format.format(value);
  }

  function dated(instantMs: number, timeZone: string, options: Intl.DateTimeFormatOptions): string {
    const key = timeZone + JSON.stringify(options);
    let format = dates.get(key);
    if (format === undefined) {
      format = new Intl.DateTimeFormat(tag, { ...options, timeZone });
      dates.set(key, format);
    }
    return format.format(instantMs);
  }

  const civil = (date: CivilDate, options: Intl.DateTimeFormatOptions): string =>
    dated(utcMidnightMs(date), "UTC", options);

  const time = (instantMs: number, zone: string): string =>
    dated(instantMs, zone, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

  const day = (instantMs: number, zone: string): string =>
    dated(instantMs, zone, { weekday: "short", day: "numeric", month: "short" });

  /**
   * Energy in Wh as Wh, kWh or MWh; a volume in litres as l or m³; kilograms as g, kg or t. Bars of one chart share the scale
   * of `largest`. Money has its sign where the language puts it, and no unit apart.
   */
  function amount(value: number, unit: AmountUnit, largest = value): Measure {
    if (typeof unit === "object") return { number: moneyText(tag, String(value), unit.currency), unit: "" };
    const scale = amountScale(unit, largest);
    return { number: decimal(value / scale.per), unit: scale.unit };
  }

  /** `€`, or the code of a currency without a sign of its own. */
  function currencySign(currency: string): string {
    const parts = new Intl.NumberFormat(tag, { style: "currency", currency }).formatToParts(0);
    return parts.find(({ type }) => type === "currency")?.value ?? currency;
  }

  function power(powerW: number): Measure {
    if (Math.abs(powerW) < 1000) return { number: decimal(powerW, 0), unit: "W" };
    return { number: decimal(powerW / 1000), unit: "kW" };
  }

  /** `Mon 5 Jan, 10:15 – 10:30`, `5 Jan`, `January 2026`: what a bar stands for. */
  function slot(span: Span, resolution: Resolution, zone: string): string {
    switch (resolution) {
      case "quarter-hour":
      case "hour":
        return `${day(span.fromMs, zone)}, ${time(span.fromMs, zone)}${NO_BREAK}–${NO_BREAK}${time(span.toMs, zone)}`;
      case "day":
        return dated(span.fromMs, zone, { weekday: "long", day: "numeric", month: "long" });
      case "month":
        return dated(span.fromMs, zone, { month: "long", year: "numeric" });
    }
  }

  /** The same where the day is known already: only the times of a quarter-hour or an hour. */
  function slotWithin(span: Span, resolution: Resolution, zone: string): string {
    const timed = resolution === "quarter-hour" || resolution === "hour";
    return timed
      ? `${time(span.fromMs, zone)}${NO_BREAK}–${NO_BREAK}${time(span.toMs, zone)}`
      : slot(span, resolution, zone);
  }

  /** The title of a period: `Tuesday 6 January 2026`, `5 – 11 January 2026`, `January 2026`, `2026`. */
  function period({ unit, start }: Period): string {
    switch (unit) {
      case "day":
        return civil(start, { weekday: "long", day: "numeric", month: "long", year: "numeric" });
      case "week":
        return days(start, addDays(periodEnd({ unit, start }), -1));
      case "month":
        return civil(start, { month: "long", year: "numeric" });
      case "year":
        return civil(start, { year: "numeric" });
    }
  }

  /** Both dates included: `5 – 11 January 2026`; one date where they are the same. */
  function days(first: CivilDate, last: CivilDate): string {
    const options = { day: "numeric", month: "long", year: "numeric" } as const;
    if (first === last) return civil(first, options);
    const format = new Intl.DateTimeFormat(tag, { ...options, timeZone: "UTC" });
    return format.formatRange(utcMidnightMs(first), utcMidnightMs(last));
  }

  /** `3 min ago`, `2 days ago`; `undefined` below a minute, where "just now" reads better. */
  function ago(instantMs: number, nowMs: number): string | undefined {
    const elapsedMs = nowMs - instantMs;
    if (elapsedMs < MINUTE_MS) return undefined;
    if (elapsedMs < HOUR_MS) return relative.format(-Math.floor(elapsedMs / MINUTE_MS), "minute");
    if (elapsedMs < DAY_MS) return relative.format(-Math.floor(elapsedMs / HOUR_MS), "hour");
    return relative.format(-Math.floor(elapsedMs / DAY_MS), "day");
  }

  /** A length of time, in whole minutes, hours or days: `5 min`, `3 h`, `2 d`. */
  function duration(elapsedMs: number): string {
    const [size, unit] =
      elapsedMs < HOUR_MS
        ? ([MINUTE_MS, "minute"] as const)
        : elapsedMs < DAY_MS
          ? ([HOUR_MS, "hour"] as const)
          : ([DAY_MS, "day"] as const);
    const format = new Intl.NumberFormat(tag, { style: "unit", unit, unitDisplay: "short" });
    return format.format(Math.max(1, Math.floor(elapsedMs / size)));
  }

  /** The size of a file: `48 byte`, `120 kB`, `1.2 MB`. */
  function bytes(size: number): string {
    const [unit, per] =
      size < 1000
        ? (["byte", 1] as const)
        : size < 1_000_000
          ? (["kilobyte", 1000] as const)
          : (["megabyte", 1_000_000] as const);
    const options = { style: "unit", unit, maximumFractionDigits: size < 10 * per ? 1 : 0 } as const;
    return new Intl.NumberFormat(tag, options).format(size / per);
  }

  const decimalPoint =
    new Intl.NumberFormat(tag).formatToParts(0.5).find(({ type }) => type === "decimal")?.value ?? ".";

  return {
    tag,
    decimal,
    bytes,
    decimalPoint,
    currencySign,
    integer: (value: number): string => decimal(value, 0),
    amount,
    power,
    percent: (share: number): string => percent(tag, share),
    signedPercent: (share: number): string =>
      new Intl.NumberFormat(tag, {
        style: "percent",
        maximumFractionDigits: 0,
        signDisplay: "exceptZero",
      }).format(share),
    slot,
    slotWithin,
    period,
    days,
    ago,
    duration,
    time,
    day,
    timeWithSeconds: (instantMs: number, zone: string): string =>
      dated(instantMs, zone, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" }),
    weekday: (instantMs: number, zone: string): string =>
      dated(instantMs, zone, { weekday: "short", day: "numeric" }),
    dayOfMonth: (instantMs: number, zone: string): string => dated(instantMs, zone, { day: "numeric" }),
    month: (instantMs: number, zone: string): string => dated(instantMs, zone, { month: "short" }),
    /** `January 2026`, of an instant that is midnight UTC of a month's first date. */
    monthOfYear: (utcMs: number): string => dated(utcMs, "UTC", { month: "long", year: "numeric" }),
    dateTime: (instantMs: number, zone: string): string =>
      `${day(instantMs, zone)}, ${time(instantMs, zone)}`,
  };
}

/** A share is never rounded up to all or down to nothing: 99.96 % is not 100 %. */
function percent(tag: string, share: number): string {
  const nearlyNone = share > 0 && share < 0.005;
  const nearlyAll = share < 1 && share > 0.995;
  const digits = nearlyNone || nearlyAll ? 1 : 0;
  const shown = nearlyAll ? Math.min(share, 0.999) : nearlyNone ? Math.max(share, 0.001) : share;
  return new Intl.NumberFormat(tag, {
    style: "percent",
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(shown);
}

/** What an amount is divided by, and the unit then shown. */
export function amountScale(
  unit: Exclude<AmountUnit, object>,
  largest: number,
): { readonly per: number; readonly unit: string } {
  const size = Math.abs(largest);
  if (unit === "kg") {
    if (size > 0 && size < 1) return { per: 0.001, unit: "g" };
    return size < 10_000 ? { per: 1, unit: "kg" } : { per: 1000, unit: "t" };
  }
  if (unit === "l") return size < 1000 ? { per: 1, unit: "l" } : { per: 1000, unit: "m³" };
  if (size < 1000) return { per: 1, unit: "Wh" };
  return size < 100_000_000 ? { per: 1000, unit: "kWh" } : { per: 1_000_000, unit: "MWh" };
}

const UNIT_SIGNS: Readonly<Record<string, string>> = {
  m3: "m³",
  "m3/h": "m³/h",
  Cel: "°C",
  "%RH": "%",
};

/** A register's unit as people write it. */
export function unitSign(unit: string): string {
  return UNIT_SIGNS[unit] ?? unit;
}

/** A measure as running text, its unit never at the start of a line. */
export function measureText({ number, unit }: Measure): string {
  return unit === "" ? number : `${number}${NO_BREAK}${unit}`;
}
