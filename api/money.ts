// Amounts at the border: decimal text outside, integers of a fixed fraction inside, nothing in between (I9).

/** Rates are integers in nano-units of the currency. */
export const NANO_PLACES = 9;
/** Amounts are integers in micro-units. */
export const MICRO_PLACES = 6;

const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/;

/**
 * The integer that counts units of `10 ** -places`; `undefined` where the text is not a decimal number or has digits that
 * would be lost.
 */
export function parseFixed(text: string, places: number): bigint | undefined {
  const match = DECIMAL.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = "", fraction = ""] = match;
  if (fraction.length > places) return undefined;
  const magnitude = BigInt(whole + fraction.padEnd(places, "0"));
  return sign === "-" ? -magnitude : magnitude;
}

/** The exact text, with at least `shown` digits after the point and no trailing zeros beyond. */
export function formatFixed(value: bigint, places: number, shown: number): string {
  const digits = (value < 0n ? -value : value).toString().padStart(places + 1, "0");
  const whole = digits.slice(0, digits.length - places);
  const fraction = digits
    .slice(digits.length - places)
    .replace(/0+$/, "")
    .padEnd(shown, "0");
  return `${value < 0n ? "-" : ""}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}
