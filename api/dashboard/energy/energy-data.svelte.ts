// What the energy panel shows: the period's bars in the chosen measure, what they are compared with, the peak, the curve.
import { Resource } from "../data/resource.svelte.ts";
import { counterpartOf, type Comparison } from "../time/counterpart.ts";
import { BAR_RESOLUTION, spanOf, stepPeriod, type Period, type Resolution } from "../time/period.ts";
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
import {
  QUARTER_S,
  readCost,
  readEmission,
  readEnergy,
  readMeasured,
  type CostReading,
  type EmissionReading,
  type EnergyQuery,
} from "./measured-bars.ts";
import type { Measure } from "./measures.ts";
import { findPeakQuarter } from "./peak-quarter.ts";

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
  /** Some quarter-hours are parts of longer intervals of an imported file. */
  readonly spread: boolean;
};

export type OtherPeriod = {
  readonly period: Period;
  readonly measure: Measure;
  readonly bars: readonly Bar[];
};

type Keep = { readonly keep: boolean };

/** How finely the totals compared are asked for: they only need a sum that ends where the running period does. */
const TOTALS: Record<Period["unit"], Resolution> = { day: "hour", week: "hour", month: "day", year: "month" };

export class EnergyStore {
  readonly main = new Resource<EnergyData>();
  readonly curve = new Resource<readonly Bar[]>();
  readonly peak = new Resource<Bar | undefined>();
  readonly change = new Resource<number | undefined>();
  readonly cost = new Resource<CostReading>();
  /** `undefined` before anything of the period is settled. */
  readonly emission = new Resource<EmissionReading | undefined>();
  readonly other = new Resource<OtherPeriod>();

  async load(query: EnergyQuery, { keep }: Keep): Promise<void> {
    await this.main.load((signal) => this.#readMain(query, signal), { keep });
    const { state } = this.main;
    if (state.status !== "ready") return;
    await Promise.all([this.#loadPeak(query, state.value, keep), this.#loadChange(query, state.value, keep)]);
  }

  /** Every quarter-hour of the period: only when the reader asks for the curve. */
  loadCurve(query: EnergyQuery, { keep }: Keep): Promise<void> {
    const { period, zone, nowMs } = query;
    const span = spanOf(period, zone);
    return this.curve.load(
      async (signal) => {
        const asked = { ...span, toMs: askUntilMs(span, nowMs) };
        const load = await readEnergy(query, asked, "quarter-hour", signal);
        return barsOf(load.points, span, "quarter-hour", zone, nowMs);
      },
      { keep },
    );
  }

  /** Only when the reader asks for money. */
  loadCost(query: EnergyQuery, { keep }: Keep): Promise<void> {
    return this.cost.load((signal) => readCost(query, signal), { keep });
  }

  /** Only when the reader asks for CO₂; on the bars that are shown. */
  loadEmission(query: EnergyQuery, { bars }: EnergyData, { keep }: Keep): Promise<void> {
    return this.emission.load((signal) => readEmission(query, bars, signal), { keep });
  }

  /** The period that this one is compared with, in the same measure. */
  loadOther(query: EnergyQuery, measure: Measure, comparison: Comparison, { keep }: Keep): Promise<void> {
    const period = counterpartOf(query.period, comparison);
    return this.other.load(
      async (signal) => ({
        period,
        measure,
        bars: await readMeasured({ ...query, period }, measure, signal),
      }),
      { keep },
    );
  }

  stop(): void {
    const all = [this.main, this.curve, this.peak, this.change, this.cost, this.emission, this.other];
    for (const resource of all) resource.stop();
  }

  async #readMain(query: EnergyQuery, signal: AbortSignal): Promise<EnergyData> {
    const { period, zone, nowMs } = query;
    const span = spanOf(period, zone);
    const resolution = BAR_RESOLUTION[period.unit];
    const untilMs = askUntilMs(span, nowMs);
    const load = await readEnergy(query, { ...span, toMs: untilMs }, resolution, signal);
    return {
      unit: load.unit,
      bars: barsOf(load.points, span, resolution, zone, nowMs),
      summary: summarise(load.points, load.unit),
      resolution,
      untilMs,
      running: nowMs < span.toMs,
      withheld: load.supplyPoints.withheld,
      spread: load.resolutionS > QUARTER_S,
    };
  }

  #loadPeak(query: EnergyQuery, { summary, resolution }: EnergyData, keep: boolean): Promise<void> {
    const { peak } = summary;
    return this.peak.load(
      async (signal) =>
        peak && findPeakQuarter(peak, resolution, (span, finer) => readEnergy(query, span, finer, signal)),
      { keep },
    );
  }

  #loadChange(query: EnergyQuery, { summary, untilMs }: EnergyData, keep: boolean): Promise<void> {
    const { period, zone } = query;
    const span = spanOf(period, zone);
    const before = comparableSpan(span, spanOf(stepPeriod(period, -1), zone), untilMs);
    return this.change.load(
      async (signal) => {
        const load = await readEnergy(query, before, TOTALS[period.unit], signal);
        return changeOf(summary, summarise(load.points, load.unit));
      },
      { keep },
    );
  }
}
