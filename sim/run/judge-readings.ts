// The verdict on readings: each value that was acknowledged is there once, and nothing is there that nobody told. Pure.
import { MINUTE_MS, QUARTER_MS, SECOND_MS } from "#devices/time";
import type { Delivery, Series, StoryDevice } from "../story/story.ts";

export type AnsweredReading = { readonly observedAt: string; readonly value: string };

export type ReadingTally = {
  /** Acknowledged readings that the product does not return. */
  readonly lost: number;
  /** Readings that it returns more than once. */
  readonly doubled: number;
  /** Readings with a value, or at an instant, that nobody told. */
  readonly altered: number;
};

export type RegisterEvidence = {
  readonly device: StoryDevice;
  readonly series: Series;
  /** As it is named: of the same name after a swap, several. */
  readonly register: string;
  readonly acknowledged: readonly Delivery[];
  readonly sent: readonly Delivery[];
  readonly readings: readonly AnsweredReading[];
};

export function judgeReadings(evidence: RegisterEvidence): ReadingTally {
  const { series, readings } = evidence;
  const must = valuesBy(evidence.acknowledged, evidence);
  const may = valuesBy(evidence.sent, evidence);
  const found = new Map<string, number>();
  let altered = 0;
  for (const { observedAt, value } of readings) {
    const atMs = Date.parse(observedAt);
    const told = toldAs(atMs, plain(value), may, series.datedWithinMs);
    if (told === undefined) altered++;
    else found.set(told, (found.get(told) ?? 0) + 1);
  }
  const doubled = [...found.values()].reduce((sum, count) => sum + count - 1, 0);
  return { lost: lostOf(must, found, evidence), doubled, altered };
}

type Values = ReadonlyMap<number, ReadonlySet<string>>;

function valuesBy(
  deliveries: readonly Delivery[],
  { series, register }: Pick<RegisterEvidence, "series" | "register">,
): Values {
  const values = new Map<number, Set<string>>();
  for (const { tells } of deliveries) {
    for (const told of tells) {
      if (told.series !== series.key || told.register !== register) continue;
      const own = values.get(told.observedAtMs) ?? new Set();
      values.set(told.observedAtMs, own.add(plain(told.value)));
    }
  }
  return new Map([...values].toSorted(([a], [b]) => a - b));
}

const keyOf = (atMs: number, value: string) => `${atMs} ${value}`;

/** Under which instant it was told; without a time of its own a reading is dated a little later, and a repeat is alike. */
function toldAs(atMs: number, value: string, may: Values, datedWithinMs: number): string | undefined {
  if (datedWithinMs === 0) return may.get(atMs)?.has(value) === true ? keyOf(atMs, value) : undefined;
  for (const [toldMs, values] of may) {
    if (toldMs <= atMs && atMs - toldMs <= datedWithinMs && values.has(value)) return keyOf(atMs, value);
  }
  return undefined;
}

/** Of what a meter says within a minute, one value at least must be there: the policy thins the rest. */
function lostOf(
  must: Values,
  found: ReadonlyMap<string, number>,
  { device, series }: Pick<RegisterEvidence, "device" | "series">,
): number {
  // Without a time of its own it is not known under which it is kept; of a repeat, whether it is kept at all.
  if (series.datedWithinMs > 0) return 0;
  const minutes = new Map<number, boolean>();
  let before: string | undefined;
  for (const [atMs, values] of must) {
    const minute = Math.floor(atMs / MINUTE_MS);
    for (const value of values) {
      const isSought = isKept(atMs, device) && !(series.onChange && value === before);
      if (isSought) minutes.set(minute, minutes.get(minute) === true || found.has(keyOf(atMs, value)));
      before = value;
    }
  }
  return [...minutes.values()].filter((isThere) => !isThere).length;
}

/** The storage policy keeps of what comes more often one a minute, and the boundaries of quarter-hours. */
const isKept = (atMs: number, { expectedIntervalS }: StoryDevice) =>
  expectedIntervalS * SECOND_MS >= MINUTE_MS || atMs % QUARTER_MS === 0;

/** Without zeros at its end, which say nothing of a value. */
function plain(value: string): string {
  return value.includes(".") ? value.replace(/\.?0+$/, "") : value;
}
