// The verdict on readings: each value that was acknowledged is there once, and nothing is there that nobody told. Pure.
import { MINUTE_MS, QUARTER_MS, SECOND_MS } from "#devices/time";
import type { Delivery, Series, StoryDevice } from "../story/story.ts";
import { historyOf, type HistoryLine } from "./history.ts";

export type AnsweredReading = { readonly observedAt: string; readonly value: string };

export type ReadingTally = {
  /** Acknowledged readings that the product does not return. */
  readonly lost: number;
  /** Readings that it returns more than once. */
  readonly doubled: number;
  /** Readings with a value, or at an instant, that nobody told. */
  readonly altered: number;
};

export type ReadingVerdict = ReadingTally & {
  /** The first that are not right. */
  readonly findings: readonly ReadingFinding[];
};

export type ReadingFinding = {
  readonly kind: keyof ReadingTally;
  readonly register: string;
  readonly observedAt: string;
  readonly value: string;
  /** What was sent about it, oldest first. */
  readonly history: readonly HistoryLine[];
};

const FINDINGS_MAX = 10;

/** Of several registers. */
export function addReadings(verdicts: readonly ReadingVerdict[]): ReadingVerdict {
  const sum = (kind: keyof ReadingTally) => verdicts.reduce((all, one) => all + one[kind], 0);
  return {
    lost: sum("lost"),
    doubled: sum("doubled"),
    altered: sum("altered"),
    findings: verdicts.flatMap(({ findings }) => findings).slice(0, FINDINGS_MAX),
  };
}

export type RegisterEvidence = {
  readonly device: StoryDevice;
  readonly series: Series;
  /** As it is named: of the same name after a swap, several. */
  readonly register: string;
  readonly acknowledged: readonly Delivery[];
  readonly sent: readonly Delivery[];
  readonly readings: readonly AnsweredReading[];
};

export function judgeReadings(evidence: RegisterEvidence): ReadingVerdict {
  const { series, register, readings, sent } = evidence;
  const may = valuesBy(sent, evidence);
  const found = new Set<string>();
  const there = new Set<string>();
  const counts = { lost: 0, doubled: 0, altered: 0 };
  const sought: Omit<ReadingFinding, "history">[] = [];
  const find = (kind: keyof ReadingTally, atMs: number, value: string) => {
    counts[kind]++;
    if (sought.length < FINDINGS_MAX)
      sought.push({ kind, register, observedAt: new Date(atMs).toISOString(), value });
  };
  for (const { observedAt, value } of readings) {
    const atMs = Date.parse(observedAt);
    const toldMs = toldAt(atMs, plain(value), may, series.datedWithinMs);
    const key = keyOf(atMs, plain(value));
    if (toldMs === undefined) find("altered", atMs, value);
    else if (found.has(key)) find("doubled", atMs, value);
    else {
      found.add(key);
      there.add(keyOf(toldMs, plain(value)));
    }
  }
  const must = valuesBy(evidence.acknowledged, evidence);
  for (const { atMs, value } of lostOf(must, may, there, evidence)) find("lost", atMs, value);
  const received = new Set(evidence.acknowledged);
  const findings = sought.map((one) => {
    const atMs = Date.parse(one.observedAt);
    const about = { series: series.key, register, fromMs: atMs, toMs: atMs };
    return { ...one, history: historyOf(about, sent, received) };
  });
  return { ...counts, findings };
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

/** The instant under which it was told; without a time of its own a reading is dated a little later, and a repeat is alike. */
function toldAt(atMs: number, value: string, may: Values, datedWithinMs: number): number | undefined {
  if (datedWithinMs === 0) return may.get(atMs)?.has(value) === true ? atMs : undefined;
  for (const [toldMs, values] of may) {
    if (toldMs <= atMs && atMs - toldMs <= datedWithinMs && values.has(value)) return toldMs;
  }
  return undefined;
}

/**
 * Of what a meter says within a minute, one value at least must be there: the policy thins the rest. Without a time of its own it is not
 * known under which a value is kept, and of a repeat, whether it is kept at all: of the new values of a quarter-hour, one at least.
 */
function lostOf(
  must: Values,
  may: Values,
  there: ReadonlySet<string>,
  { device, series }: Pick<RegisterEvidence, "device" | "series">,
): { readonly atMs: number; readonly value: string }[] {
  const isDated = series.datedWithinMs > 0;
  const spans = new Map<number, { told: { atMs: number; value: string }[]; isThere: boolean }>();
  /** What may have been kept last: the value that surely was, and all that were sent after it. */
  const before = new Set<string>();
  for (const [atMs, values] of may) {
    const span = Math.floor(atMs / (isDated ? QUARTER_MS : MINUTE_MS));
    for (const value of values) {
      const isSure = must.get(atMs)?.has(value) === true;
      const isRepeat = (isDated || series.onChange) && before.has(value);
      if (isSure && !isRepeat && (isDated || isKept(atMs, device))) {
        const own = spans.get(span) ?? { told: [], isThere: false };
        if (isDated || own.told.length === 0) own.told.push({ atMs, value });
        own.isThere ||= there.has(keyOf(atMs, value));
        spans.set(span, own);
      }
      if (isSure) before.clear();
      before.add(value);
    }
  }
  return [...spans.values()].filter(({ isThere }) => !isThere).flatMap(({ told }) => told);
}

/** The storage policy keeps of what comes more often one a minute, and the boundaries of quarter-hours. */
const isKept = (atMs: number, { expectedIntervalS }: StoryDevice) =>
  expectedIntervalS * SECOND_MS >= MINUTE_MS || atMs % QUARTER_MS === 0;

/** Without zeros at its end, which say nothing of a value. */
export function plain(value: string): string {
  return value.includes(".") ? value.replace(/\.?0+$/, "") : value;
}
