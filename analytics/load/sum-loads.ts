// The load of many supply points together, cut in one zone: sums and shares, whoever of them is missing.
import { HOUR_MS, QUARTER_MS } from "#devices/time";
import { QuarterCode } from "#devices/vocabulary";
import type { RegisterDays } from "#store";
import { addQuarters } from "./add-quarters.ts";
import { civilCuts } from "./civil-cuts.ts";
import { qualityOf, type LoadPoint, type LoadRequest } from "./load-series.ts";

export type SumRequest = Omit<LoadRequest, "series"> & {
  /** The main registers of each supply point. */
  readonly supplyPoints: readonly (readonly RegisterDays[])[];
};

/**
 * As `loadSeries`, but the quality is of the supply points' quarter-hours: among a thousand one is always missing, and would
 * speak for all of them.
 */
export function sumLoads(request: SumRequest): LoadPoint[] {
  const fromMs = Math.ceil(request.fromMs / QUARTER_MS) * QUARTER_MS;
  const toMs = Math.floor(request.toMs / QUARTER_MS) * QUARTER_MS;
  if (!(fromMs < toMs)) return [];
  const sums = groupSums(request.supplyPoints, fromMs, toMs);
  const cuts = civilCuts(fromMs, toMs, request.resolution, request.timezone);
  return cuts.slice(1).map((cutMs, index) => {
    const startMs = Math.max(fromMs, cuts[index] ?? fromMs);
    const endMs = Math.min(toMs, cutMs);
    return { fromMs: startMs, toMs: endMs, ...figuresOf(sums, fromMs, startMs, endMs, request) };
  });
}

type GroupSums = {
  readonly energies: Float64Array;
  /** Supply points by what is known of a quarter-hour; `present`: with a value, maybe of a part of it. */
  readonly present: Uint32Array;
  readonly measured: Uint32Array;
  readonly missing: Uint32Array;
};

function groupSums(supplyPoints: SumRequest["supplyPoints"], fromMs: number, toMs: number): GroupSums {
  const count = (toMs - fromMs) / QUARTER_MS;
  const sums = {
    energies: new Float64Array(count),
    present: new Uint32Array(count),
    measured: new Uint32Array(count),
    missing: new Uint32Array(count),
  };
  for (const registers of supplyPoints) {
    const own = addQuarters(registers, fromMs, toMs);
    for (let slot = 0; slot < count; slot++) {
      const worst = own.worst[slot] ?? QuarterCode.missing;
      if (worst >= QuarterCode.measured) sums.measured[slot] = (sums.measured[slot] ?? 0) + 1;
      else if (worst === QuarterCode.missing) sums.missing[slot] = (sums.missing[slot] ?? 0) + 1;
      if (own.present[slot] === 0) continue;
      sums.energies[slot] = (sums.energies[slot] ?? 0) + (own.energies[slot] ?? 0);
      sums.present[slot] = (sums.present[slot] ?? 0) + 1;
    }
  }
  return sums;
}

const POWER_OF_ENERGY = HOUR_MS / QUARTER_MS;

function figuresOf(
  sums: GroupSums,
  originMs: number,
  fromMs: number,
  toMs: number,
  { supplyPoints, quantity }: SumRequest,
): Pick<LoadPoint, "value" | "maxPowerW" | "quality"> {
  const first = (fromMs - originMs) / QUARTER_MS;
  const end = (toMs - originMs) / QUARTER_MS;
  let value = 0;
  let highest = -1;
  let measured = 0;
  let missing = 0;
  for (let slot = first; slot < end; slot++) {
    measured += sums.measured[slot] ?? 0;
    missing += sums.missing[slot] ?? 0;
    if (sums.present[slot] === 0) continue;
    const energy = sums.energies[slot] ?? 0;
    value += energy;
    if (energy > highest) highest = energy;
  }
  const all = (end - first) * supplyPoints.length;
  return {
    value: highest < 0 ? null : value,
    maxPowerW: highest < 0 || quantity === "volume" ? null : highest * POWER_OF_ENERGY,
    quality: all === 0 ? { measured: 0, estimated: 0, missing: 1 } : qualityOf(all, measured, missing),
  };
}
