// What people said of a register's steps and readings, and the readings that they add: where an index ended and began anew.
//
//   ruling            closing, opening   what it does
//   [from, to]        —                  names every step within
//   exactly one step  both               books closing - u and v - opening, the rest of the fall is named
//   an instant        both               two readings there: the one index ends, the other begins
//   an instant        closing            the index ends: it stays as it is until the quarter-hour is over
//   an instant        opening            the index begins: it was as it is since the quarter-hour began
//   an instant        —                  the reading there is none, or is one in spite of its value (`ok`)
import type { RegisterState } from "#devices/vocabulary";
import { QUARTER_MS } from "#devices/time";
import { toMilli } from "#devices/units";
import type { IndexReading } from "./index-reading.ts";

export type Ruling = {
  readonly id: number;
  readonly kind: RegisterState;
  /** Both inclusive. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Thousandths of a Wh or l. */
  readonly closingMilli: number | null;
  readonly openingMilli: number | null;
};

/** A reading of the chain. `set`: by this ruling; `joint`: and the step to the next one has no length. */
export type ChainReading = IndexReading & { readonly set?: Ruling; readonly joint?: Ruling };

type IndexText = { readonly closingIndex: string | null; readonly openingIndex: string | null };

/** As they are kept: indices as decimal text in the register's unit. */
export function rulingsOf(
  stored: readonly (Omit<Ruling, "closingMilli" | "openingMilli"> & IndexText)[],
  unit: string,
): Ruling[] {
  const milli = (index: string | null) => (index === null ? null : Number(toMilli(index, unit)));
  return stored.map(({ id, kind, fromMs, toMs, closingIndex, openingIndex }) => ({
    id,
    kind,
    fromMs,
    toMs,
    closingMilli: milli(closingIndex),
    openingMilli: milli(openingIndex),
  }));
}

/** Whether a person took this reading away, or set another in its place. */
export function isRuledOut(atMs: number, rulings: readonly Ruling[]): Ruling | undefined {
  return rulings.find((ruling) => {
    const { fromMs, toMs } = setSpan(ruling) ?? (isOfReading(ruling, "glitch") ? ruling : NOWHERE);
    return fromMs <= atMs && atMs <= toMs;
  });
}

/** Whether a person said that the value of this instant is a reading, whatever it looks like. */
export function isRuledIn(atMs: number, rulings: readonly Ruling[]): Ruling | undefined {
  return rulings.find((ruling) => isOfReading(ruling, "ok") && ruling.fromMs === atMs);
}

/** Of several that speak of the step, the latest; `exact`: of it alone. */
export function rulingOf(
  fromMs: number,
  toMs: number,
  rulings: readonly Ruling[],
): { readonly ruling: Ruling; readonly exact: boolean } | undefined {
  const ruling = rulings.findLast((one) => one.fromMs < one.toMs && one.fromMs <= fromMs && toMs <= one.toMs);
  return ruling && { ruling, exact: ruling.fromMs === fromMs && ruling.toMs === toMs };
}

/**
 * In order of time, one per instant but for joints: the readings that nobody ruled out, and those that rulings set. `rulings`
 * are `effectiveRulings`.
 */
export function withRulings(
  readings: readonly IndexReading[],
  rulings: readonly Ruling[],
): readonly ChainReading[] {
  if (rulings.length === 0) return readings;
  const kept: ChainReading[] = readings.filter(({ atMs }) => isRuledOut(atMs, rulings) === undefined);
  for (const ruling of rulings) {
    if (setSpan(ruling) === undefined) continue;
    const found = kept.findIndex((reading) => reading.atMs > ruling.fromMs);
    kept.splice(found < 0 ? kept.length : found, 0, ...setReadings(ruling));
  }
  return kept;
}

/** In order of their numbers. Of two whose readings would get in each other's way the later one counts, the other is not there. */
export function effectiveRulings(rulings: readonly Ruling[]): readonly Ruling[] {
  if (rulings.length < 2) return rulings;
  const taken: { fromMs: number; toMs: number }[] = [];
  return rulings
    .toSorted((left, right) => right.id - left.id)
    .filter((ruling) => {
      const span = setSpan(ruling);
      if (span === undefined) return true;
      if (taken.some((other) => span.fromMs <= other.toMs && span.toMs >= other.fromMs)) return false;
      taken.push(span);
      return true;
    })
    .toReversed();
}

const NOWHERE = { fromMs: Infinity, toMs: -Infinity };

function isOfReading(
  { kind, fromMs, toMs, closingMilli, openingMilli }: Ruling,
  wanted: RegisterState,
): boolean {
  return kind === wanted && fromMs === toMs && closingMilli === null && openingMilli === null;
}

/** Where a ruling sets readings, both ends inclusive; `undefined` where it sets none. */
function setSpan(ruling: Ruling): { fromMs: number; toMs: number } | undefined {
  const { fromMs: atMs, toMs, closingMilli, openingMilli } = ruling;
  if (atMs !== toMs || (closingMilli === null && openingMilli === null)) return undefined;
  return {
    fromMs: closingMilli === null ? Math.floor(atMs / QUARTER_MS) * QUARTER_MS : atMs,
    toMs: openingMilli === null ? Math.ceil(atMs / QUARTER_MS) * QUARTER_MS : atMs,
  };
}

function setReadings(ruling: Ruling): ChainReading[] {
  const { fromMs: atMs, closingMilli, openingMilli } = ruling;
  const { fromMs = atMs, toMs = atMs } = setSpan(ruling) ?? {};
  const set = (instantMs: number, milli: number): ChainReading => ({
    atMs: instantMs,
    milli,
    quantumMilli: 1,
    set: ruling,
  });
  if (closingMilli !== null && openingMilli !== null) {
    return [{ ...set(atMs, closingMilli), joint: ruling }, set(atMs, openingMilli)];
  }
  const milli = closingMilli ?? openingMilli ?? 0;
  return fromMs === toMs ? [set(atMs, milli)] : [set(fromMs, milli), set(toMs, milli)];
}
