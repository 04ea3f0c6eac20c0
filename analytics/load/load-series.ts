// A load over civil time: the quarter-hours of several registers added, cut into hours, days or months of a zone.
import { HOUR_MS, QUARTER_MS } from "#devices/time";
import { QuarterCode } from "#devices/vocabulary";
import type { RegisterDays } from "#store";
import { addQuarters, type QuarterSums } from "./add-quarters.ts";
import { civilCuts } from "./civil-cuts.ts";

export const LOAD_RESOLUTIONS = ["quarter-hour", "hour", "day", "month"] as const;
export type LoadResolution = (typeof LOAD_RESOLUTIONS)[number];

/**
 * Shares of the quarter-hours: `measured` holds measured and validated ones, `estimated` interpolated, substituted and
 * profiled ones. Millionths that add up to exactly one million: each share is the difference of two rounded running shares.
 */
export type LoadQuality = { readonly measured: number; readonly estimated: number; readonly missing: number };

export type LoadPoint = {
  readonly fromMs: number;
  readonly toMs: number;
  /** Wh, or l for a volume: the sum of what there is; `null` when every quarter-hour of every register is missing. */
  readonly value: number | null;
  /** Highest quarter-hour average, W; `null` for a volume and where nothing was measured. */
  readonly maxPowerW: number | null;
  /** A quarter-hour counts with the worst status among the main registers that should have measured it. */
  readonly quality: LoadQuality;
};

export type LoadRequest = {
  /** `loadSupplyPointDays` over at least [fromMs, toMs). */
  readonly series: readonly RegisterDays[];
  /** Quarter-hours wholly within [fromMs, toMs) count: a quarter-hour is not divided. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly resolution: LoadResolution;
  /** IANA zone of the building: hours, days and months are cut in it. */
  readonly timezone: string;
  readonly quantity: "energy" | "volume";
};

/** The points in order of time, end to end over [fromMs, toMs); the first and the last may be parts of a day or month. */
export function loadSeries(request: LoadRequest): LoadPoint[] {
  const fromMs = Math.ceil(request.fromMs / QUARTER_MS) * QUARTER_MS;
  const toMs = Math.floor(request.toMs / QUARTER_MS) * QUARTER_MS;
  if (!(fromMs < toMs)) return [];
  const sums = addQuarters(request.series, fromMs, toMs);
  const cuts = civilCuts(fromMs, toMs, request.resolution, request.timezone);
  const points: LoadPoint[] = [];
  for (let at = 1; at < cuts.length; at++) {
    const startMs = Math.max(fromMs, cuts[at - 1] ?? fromMs);
    const endMs = Math.min(toMs, cuts[at] ?? toMs);
    points.push(pointOf(sums, fromMs, startMs, endMs, request.quantity));
  }
  return points;
}

const POWER_OF_ENERGY = HOUR_MS / QUARTER_MS;

function pointOf(
  sums: QuarterSums,
  originMs: number,
  fromMs: number,
  toMs: number,
  quantity: "energy" | "volume",
): LoadPoint {
  const first = (fromMs - originMs) / QUARTER_MS;
  const end = (toMs - originMs) / QUARTER_MS;
  let value = 0;
  let highest = -1;
  let measured = 0;
  let missing = 0;
  for (let slot = first; slot < end; slot++) {
    const worst = sums.worst[slot] ?? QuarterCode.missing;
    if (worst >= QuarterCode.measured) measured++;
    else if (worst === QuarterCode.missing) missing++;
    if (sums.present[slot] === 0) continue;
    const energy = sums.energies[slot] ?? 0;
    value += energy;
    if (energy > highest) highest = energy;
  }
  return {
    fromMs,
    toMs,
    value: highest < 0 ? null : value,
    maxPowerW: highest < 0 || quantity === "volume" ? null : highest * POWER_OF_ENERGY,
    quality: qualityOf(end - first, measured, missing),
  };
}

const MILLIONTHS = 1_000_000;

export function qualityOf(total: number, measured: number, missing: number): LoadQuality {
  const untilMeasured = Math.round((measured * MILLIONTHS) / total);
  const untilEstimated = Math.round(((total - missing) * MILLIONTHS) / total);
  return {
    measured: untilMeasured / MILLIONTHS,
    estimated: (untilEstimated - untilMeasured) / MILLIONTHS,
    missing: (MILLIONTHS - untilEstimated) / MILLIONTHS,
  };
}
