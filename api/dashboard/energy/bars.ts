// From the API's points to the bars of a chart: what was measured, what is missing, what is still to come, and their sums.
import type { LoadUnit } from "../text/formats.ts";
import { slotsOf, type Resolution, type Span } from "../time/period.ts";

/** Shares of a bar's quarter-hours, between 0 and 1; they sum to 1. */
export type Quality = { readonly measured: number; readonly estimated: number; readonly missing: number };

/** As the API gives it: `value` in the series' unit, `null` when wholly missing; `maxPowerW` of one quarter-hour. */
export type LoadPoint = {
  readonly from: string;
  readonly to: string;
  readonly value: number | null;
  readonly maxPowerW: number | null;
  readonly quality: Quality;
};

export type LoadSeries = {
  readonly unit: LoadUnit;
  readonly points: readonly LoadPoint[];
};

/**
 * `past`: the API answered for it. `pending`: begun, or over so recently that the profile is still being computed.
 * `future`: not begun.
 */
export type BarPhase = "past" | "pending" | "future";

export type Bar = Span & {
  readonly phase: BarPhase;
  readonly value: number | null;
  readonly maxPowerW: number | null;
  readonly quality: Quality;
};

export type Summary = {
  /** In the series' unit; `null` when nothing at all was measured or estimated. */
  readonly total: number | null;
  /** Weighted by time. All of it missing when nothing was asked for yet. */
  readonly quality: Quality;
  readonly meanPowerW: number | null;
  /** The bar that holds the strongest quarter-hour. */
  readonly peak: Bar | undefined;
  /** Mean over maximum power, between 0 and 1. */
  readonly loadFactor: number | null;
};

const QUARTER_MS = 900_000;
const HOUR_MS = 3_600_000;

/** A quarter-hour that ended less than this ago may still be on its way through the meters and the workers. */
export const SETTLE_MS = 150_000;

const NOTHING: Quality = { measured: 0, estimated: 0, missing: 1 };

/** Up to where it makes sense to ask: the last settled quarter-hour, so that what has not happened is never "missing". */
export function askUntilMs(span: Span, nowMs: number): number {
  const settledMs = Math.floor((nowMs - SETTLE_MS) / QUARTER_MS) * QUARTER_MS;
  return Math.max(span.fromMs, Math.min(span.toMs, settledMs));
}

/** One bar for every slot of the civil grid, whether the API has a point for it or not. */
export function barsOf(
  points: readonly LoadPoint[],
  span: Span,
  resolution: Resolution,
  zone: string,
  nowMs: number,
): Bar[] {
  const byStart = new Map(points.map((point) => [Date.parse(point.from), point]));
  return slotsOf(span, resolution, zone).map((slot) => {
    const point = byStart.get(slot.fromMs);
    if (point !== undefined) {
      return {
        ...slot,
        phase: "past",
        value: point.value,
        maxPowerW: point.maxPowerW,
        quality: point.quality,
      };
    }
    const phase = slot.fromMs >= nowMs ? "future" : "pending";
    return { ...slot, phase, value: null, maxPowerW: null, quality: NOTHING };
  });
}

/** Totals, shares, peak and load factor of what was asked for. `unit` tells whether a mean power has a meaning. */
export function summarise(points: readonly LoadPoint[], unit: LoadUnit): Summary {
  let totalMs = 0;
  let total = 0;
  let seen = false;
  let peak: LoadPoint | undefined;
  const weighted = { measured: 0, estimated: 0, missing: 0 };
  for (const point of points) {
    const lengthMs = Date.parse(point.to) - Date.parse(point.from);
    totalMs += lengthMs;
    weighted.measured += point.quality.measured * lengthMs;
    weighted.estimated += point.quality.estimated * lengthMs;
    weighted.missing += point.quality.missing * lengthMs;
    if (point.value !== null) {
      total += point.value;
      seen = true;
    }
    if (point.maxPowerW !== null && point.maxPowerW > (peak?.maxPowerW ?? -1)) peak = point;
  }
  const knownHours = (weighted.measured + weighted.estimated) / HOUR_MS;
  const meanPowerW = unit === "Wh" && seen && knownHours > 0 ? total / knownHours : null;
  const peakW = peak?.maxPowerW ?? null;
  return {
    total: seen ? total : null,
    quality: totalMs === 0 ? NOTHING : sharesOf(weighted, totalMs),
    meanPowerW,
    peak: peak === undefined ? undefined : barOfPoint(peak),
    loadFactor: meanPowerW !== null && peakW !== null && peakW > 0 ? meanPowerW / peakW : null,
  };
}

/** The same shares of bars as they are shown, of the time that was asked for. */
export function qualityOfBars(bars: readonly Bar[], untilMs: number): Quality {
  let totalMs = 0;
  const weighted = { measured: 0, estimated: 0, missing: 0 };
  for (const { fromMs, toMs, phase, quality } of bars) {
    if (phase !== "past") continue;
    const lengthMs = Math.max(0, Math.min(toMs, untilMs) - fromMs);
    totalMs += lengthMs;
    weighted.measured += quality.measured * lengthMs;
    weighted.estimated += quality.estimated * lengthMs;
    weighted.missing += quality.missing * lengthMs;
  }
  return totalMs === 0 ? NOTHING : sharesOf(weighted, totalMs);
}

function sharesOf(weighted: Quality, totalMs: number): Quality {
  return {
    measured: weighted.measured / totalMs,
    estimated: weighted.estimated / totalMs,
    missing: weighted.missing / totalMs,
  };
}

function barOfPoint(point: LoadPoint): Bar {
  return {
    fromMs: Date.parse(point.from),
    toMs: Date.parse(point.to),
    phase: "past",
    value: point.value,
    maxPowerW: point.maxPowerW,
    quality: point.quality,
  };
}

/** A hatched patch: the bars from `first` to `last`, both included, and the share of their time that is missing. */
export type MissingPatch = { readonly first: number; readonly last: number; readonly share: number };

/** What is missing, neighbours that miss as much taken together: a night's silence is one patch, not thirty. */
export function missingPatches(bars: readonly Bar[]): MissingPatch[] {
  const patches: MissingPatch[] = [];
  bars.forEach(({ phase, quality }, index) => {
    if (phase !== "past" || quality.missing === 0) return;
    const before = patches.at(-1);
    if (before !== undefined && before.last === index - 1 && before.share === quality.missing) {
      patches[patches.length - 1] = { ...before, last: index };
    } else patches.push({ first: index, last: index, share: quality.missing });
  });
  return patches;
}

/** The span before, as long as what has already passed of this one: what a total may fairly be compared with. */
export function comparableSpan(span: Span, previous: Span, untilMs: number): Span {
  return {
    fromMs: previous.fromMs,
    toMs: Math.min(previous.fromMs + (untilMs - span.fromMs), previous.toMs),
  };
}

/** The change from one total to another as a share, or `undefined` where a hole would make it misleading. */
export function changeOf(now: Summary, before: Summary): number | undefined {
  const holes = Math.max(now.quality.missing, before.quality.missing);
  if (now.total === null || before.total === null || before.total <= 0 || holes > 0.05) return undefined;
  return now.total / before.total - 1;
}
