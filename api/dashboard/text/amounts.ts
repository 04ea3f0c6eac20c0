// Money, prices and civil dates as a reader of one locale writes them; amounts stay the decimal text that the API sent.
import { addDays, utcMidnightMs, wallTime, type CivilDate } from "../time/civil.ts";

type Sign = "auto" | "always";
const formats = new Map<string, Intl.NumberFormat>();

function formatOf(tag: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = tag + JSON.stringify(options);
  let format = formats.get(key);
  if (format === undefined) {
    format = new Intl.NumberFormat(tag, options);
    formats.set(key, format);
  }
  return format;
}

/** `Intl` takes decimal text digit by digit, so nothing passes through a float; its type does not know every such text. */
const exact = (amount: string): Intl.StringNumericLiteral => amount as Intl.StringNumericLiteral;

/** `1 234,50 €`; whole units with `digits: 0`. `sign: "always"` writes a plus, but not before nothing. */
export function moneyText(
  tag: string,
  amount: string,
  currency: string,
  { digits = 2, sign = "auto" }: { readonly digits?: 0 | 2; readonly sign?: Sign } = {},
): string {
  return formatOf(tag, {
    style: "currency",
    currency,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
    signDisplay: sign === "always" ? "exceptZero" : "negative",
  }).format(exact(amount));
}

/** `0,123363 €`: as many digits as the rate has, at least four. */
export function rateText(tag: string, rate: string, currency: string): string {
  return formatOf(tag, {
    style: "currency",
    currency,
    minimumFractionDigits: 4,
    maximumFractionDigits: 9,
  }).format(exact(rate));
}

/** An index with the digits that its meter gave, none more and none less: `12 345,670`. */
export function indexText(tag: string, index: string): string {
  const digits = index.split(".")[1]?.length ?? 0;
  return formatOf(tag, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(exact(index));
}

/** A share with one digit and its sign: `+4,2 %`. */
export function signedShareText(
  tag: string,
  share: number,
  signDisplay: "exceptZero" | "never" = "exceptZero",
): string {
  return formatOf(tag, {
    style: "percent",
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
    signDisplay,
  }).format(share);
}

/** A civil date in words: `1 mars 2027`. */
export function dateText(tag: string, date: string): string {
  const format = new Intl.DateTimeFormat(tag, {
    timeZone: "UTC",
    day: "numeric",
    month: "long",
    year: "numeric",
  });
  return format.format(utcMidnightMs(date as CivilDate));
}

/** An instant on the clocks of a zone, with its year: `1 mars 2027, 12:00`. */
export function instantText(tag: string, instant: string | number, zone: string): string {
  const format = new Intl.DateTimeFormat(tag, {
    timeZone: zone,
    day: "numeric",
    month: "long",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  return format.format(typeof instant === "number" ? instant : Date.parse(instant));
}

/** Until when something holds: the last day where it ends at midnight, else the instant. */
export function untilText(tag: string, instant: string, zone: string): string {
  const { date, hour, minute } = wallTime(Date.parse(instant), zone);
  return hour === 0 && minute === 0 ? dateText(tag, addDays(date, -1)) : instantText(tag, instant, zone);
}

/** A civil date, short enough for a column: `01/03/2027`. */
export function shortDateText(tag: string, date: string): string {
  const format = new Intl.DateTimeFormat(tag, {
    timeZone: "UTC",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
  });
  return format.format(utcMidnightMs(date as CivilDate));
}

/** The same as `instantText`, short enough for a column: `01/03/2027 12:00`. */
export function shortInstantText(tag: string, instant: string, zone: string): string {
  const format = new Intl.DateTimeFormat(tag, { timeZone: zone, dateStyle: "short", timeStyle: "short" });
  return format.format(Date.parse(instant));
}
