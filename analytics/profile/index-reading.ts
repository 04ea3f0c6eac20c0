// What a profile is made from: one register's index over time, one value per instant.
import type { Decimal } from "#devices/decimal";
import { toMilli } from "#devices/units";

/** The index at an instant, exact: whole thousandths of a Wh or of a litre. */
export type IndexReading = {
  readonly atMs: number;
  readonly milli: number;
  /** The step of the meter's last digit: it cannot show less at once, however little flows. */
  readonly quantumMilli: number;
};

/** A value that some message gave for an instant; several may disagree. */
export type IndexClaim = IndexReading & {
  /** Rank of the source of the instant, 0 best (`ClockSource`). */
  readonly clock: number;
};

/**
 * An index beyond this, 4.5 TWh, is no index: a building is at most some GWh. Below it every sum and difference of
 * indices is exact in a float64.
 */
export const INDEX_MILLI_MAX = 2 ** 52;

/** `undefined` where the value cannot be an index. */
export function indexClaim(
  atMs: number,
  clock: number,
  value: Decimal,
  unit: string,
): IndexClaim | undefined {
  const milli = Number(toMilli(value, unit));
  if (Math.abs(milli) > INDEX_MILLI_MAX) return undefined;
  return { atMs, clock, milli, quantumMilli: quantumOf(value, unit) };
}

const units = new Map<string, number>();

function quantumOf(value: Decimal, unit: string): number {
  let unitMilli = units.get(unit);
  if (unitMilli === undefined) units.set(unit, (unitMilli = Number(toMilli("1", unit))));
  const point = value.indexOf(".");
  return point < 0 ? unitMilli : unitMilli / 10 ** (value.length - point - 1);
}

/**
 * One reading per instant, in order of time. Of several values of one instant the better clock counts, then the larger
 * value (I2): a rule that does not look at the order of arrival, so any order gives the same result.
 */
export function settleReadings(claims: readonly IndexClaim[]): IndexReading[] {
  const sorted = isSettled(claims) ? claims : [...claims].sort(byTimeThenRank);
  return sorted.filter((claim, at) => at === 0 || claim.atMs !== sorted[at - 1]?.atMs);
}

/** The usual case: a query by time gives one value per instant, in order. */
function isSettled(claims: readonly IndexClaim[]): boolean {
  for (let at = 1; at < claims.length; at++) {
    if ((claims[at - 1]?.atMs ?? 0) >= (claims[at]?.atMs ?? 0)) return false;
  }
  return true;
}

function byTimeThenRank(left: IndexClaim, right: IndexClaim): number {
  return (
    left.atMs - right.atMs ||
    left.clock - right.clock ||
    right.milli - left.milli ||
    right.quantumMilli - left.quantumMilli
  );
}

/** Half up: an index in whole Wh or l. Exact below `INDEX_MILLI_MAX`. */
export function wholeUnits(milli: number): number {
  return Math.floor((milli + 500) / 1000);
}
