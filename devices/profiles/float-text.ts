// Floats as the text that somebody wrote before they were made binary.

/** 17 digits tell any two float64 apart, 9 any two float32. */
const DIGITS_MAX = 17;

/** The shortest number that the float's own width (`Math.fround`, `Number`) reads back as this value; no number is none. */
export function shortestFloat(value: number, round: (value: number) => number): number | undefined {
  if (!Number.isFinite(value)) return undefined;
  if (round === Number) return value;
  for (let digits = 1; digits < DIGITS_MAX; digits++) {
    const candidate = Number(value.toPrecision(digits));
    if (round(candidate) === value) return candidate;
  }
  return value;
}
