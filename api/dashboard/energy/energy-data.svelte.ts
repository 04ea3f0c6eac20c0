// What the energy panel shows: the period's bars, what they are compared with, the peak's moment, and the curve on demand.
import { readLoad } from "../data/api.ts";
import { Resource } from "../data/resource.svelte.ts";
import {
  BAR_RESOLUTION,
  spanOf,
  stepPeriod,
  type Period,
  type Resolution,
  type Span,
} from "../time/period.ts";
import {
  askUntilMs,
  barsOf,
  changeOf,
  comparableSpan,
  summarise,
  type Bar,
  type LoadSeries,
  type Summary,
} from "./bars.ts";
import { findPeakQuarter } from "./peak-quarter.ts";
import type { Series } from "./series.ts";

export type EnergyQuery = {
  readonly buildingId: string;
  readonly series: Series;
  readonly period: Period;
  readonly zone: string;
  readonly nowMs: number;
};

export type EnergyData = {
  readonly unit: LoadSeries["unit"];
  readonly bars: readonly Bar[];
  readonly summary: Summary;
  readonly resolution: Resolution;
  /** When the data were fetched: what was settled then. */
  readonly untilMs: number;
  readonly running: boolean;
  /** Private supply points that the sum leaves out. */
  readonly withheld: number;
};

/** What is read of the API's answer. */
type Loaded = LoadSeries & { readonly supplyPoints: { readonly withheld: number } };

/** How finely the totals compared are asked for: they only need a sum that ends where the running period does. */
const TOTALS: Record<Period["unit"], Resolution> = { day: "hour", week: "hour", month: "day", year: "month" };

export class EnergyStore {
  readonly main = new Resource<EnergyData>();
  readonly curve = new Resource<readonly Bar[]>();
  readonly peak = new Resource<Bar | undefined>();
  readonly change = new Resource<number | undefined>();

  async load(query: EnergyQuery, { keep }: { keep: boolean }): Promise<void> {
    await this.main.load((signal) => this.#readMain(query, signal), { keep });
    const { state } = this.main;
    if (state.status !== "ready") return;
    await Promise.all([this.#loadPeak(query, state.value, keep), this.#loadChange(query, state.value, keep)]);
  }

  /** Every quarter-hour of the period: only when the reader asks for the curve. */
  loadCurve(
    { buildingId, series, period, zone, nowMs }: EnergyQuery,
    { keep }: { keep: boolean },
  ): Promise<void> {
    const span = spanOf(period, zone);
    return this.curve.load(
      async (signal) => {
        const load = await this.#read(buildingId, series, settled(span, nowMs), "quarter-hour", signal);
        return barsOf(load.points, span, "quarter-hour", zone, nowMs);
      },
      { keep },
    );
  }

  stop(): void {
    for (const resource of [this.main, this.curve, this.peak, this.change]) resource.stop();
  }

  async #readMain(
    { buildingId, series, period, zone, nowMs }: EnergyQuery,
    signal: AbortSignal,
  ): Promise<EnergyData> {
    const span = spanOf(period, zone);
    const resolution = BAR_RESOLUTION[period.unit];
    const load = await this.#read(buildingId, series, settled(span, nowMs), resolution, signal);
    return {
      unit: load.unit,
      bars: barsOf(load.points, span, resolution, zone, nowMs),
      summary: summarise(load.points, load.unit),
      resolution,
      untilMs: askUntilMs(span, nowMs),
      running: nowMs < span.toMs,
      withheld: load.supplyPoints.withheld,
    };
  }

  #loadPeak(
    { buildingId, series }: EnergyQuery,
    { summary, resolution }: EnergyData,
    keep: boolean,
  ): Promise<void> {
    const { peak } = summary;
    return this.peak.load(
      async (signal) =>
        peak &&
        findPeakQuarter(peak, resolution, (span, finer) =>
          this.#read(buildingId, series, span, finer, signal),
        ),
      { keep },
    );
  }

  #loadChange(query: EnergyQuery, { summary, untilMs }: EnergyData, keep: boolean): Promise<void> {
    const { buildingId, series, period, zone } = query;
    const span = spanOf(period, zone);
    const before = comparableSpan(span, spanOf(stepPeriod(period, -1), zone), untilMs);
    return this.change.load(
      async (signal) => {
        const load = await this.#read(buildingId, series, before, TOTALS[period.unit], signal);
        return changeOf(summary, summarise(load.points, load.unit));
      },
      { keep },
    );
  }

  async #read(
    buildingId: string,
    series: Series,
    span: Span,
    resolution: Resolution,
    signal: AbortSignal,
  ): Promise<Loaded> {
    // Nothing of the period is settled yet: there is nothing to ask.
    if (span.toMs <= span.fromMs) return nothingOf(series);
    return readLoad(buildingId, series, span, resolution, signal);
  }
}

function settled(span: Span, nowMs: number): Span {
  return { fromMs: span.fromMs, toMs: askUntilMs(span, nowMs) };
}

function nothingOf({ carrier }: Series): Loaded {
  const unit = carrier === "electricity" || carrier === "heat" ? "Wh" : "l";
  return { unit, points: [], supplyPoints: { withheld: 0 } };
}
