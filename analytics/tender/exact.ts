// Quotients rounded once, exactly: the only places where tender figures lose anything.

/** `numerator / denominator` to the nearest integer, halves away from zero; the denominator is positive. */
export function roundedQuotient(numerator: bigint, denominator: bigint): bigint {
  if (denominator <= 0n) throw new RangeError(`Dividing ${numerator} by ${denominator}: not positive.`);
  const half = denominator / 2n;
  // For an odd denominator there are no halves, and the floor of the half serves both sides.
  return numerator < 0n ? -((half - numerator) / denominator) : (numerator + half) / denominator;
}

const MILLION = 1_000_000;

/** `part / whole` in millionths; 0 of nothing is 0. Both are integers below 2^53. */
export function millionthsOf(part: number, whole: number): number {
  return whole === 0 ? 0 : Number(roundedQuotient(BigInt(part) * BigInt(MILLION), BigInt(whole)));
}

/** `part / whole` with six decimals. */
export function shareOf(part: number, whole: number): number {
  return millionthsOf(part, whole) / MILLION;
}
