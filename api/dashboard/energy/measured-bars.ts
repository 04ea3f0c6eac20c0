// Reads a period in the measure that the reader chose: energy as it is, its cost by contract, its CO₂ by factor.
import { readLoad, type SupplyPoint } from "../data/api.ts";
import {
  readContract,
  readEmissions,
  readSupplyPointLoad,
  type Contract,
  type Emissions,
} from "../data/effects.ts";
import { BAR_RESOLUTION, spanOf, type Period, type Resolution, type Span } from "../time/period.ts";
import { askUntilMs, barsOf, type Bar, type LoadSeries } from "./bars.ts";
import { contractSpan, costOf, flatPrice, type Cost, type FlatPrice, type PricedLoad } from "./cost.ts";
import { emissionBars, emissionResolution } from "./emission-bars.ts";
import type { Measure } from "./measures.ts";
import type { Series } from "./series.ts";

export type EnergyQuery = {
  readonly buildingId: string;
  readonly series: Series;
  readonly period: Period;
  readonly zone: string;
  readonly nowMs: number;
  /** Of the building, of every carrier. */
  readonly supplyPoints: readonly SupplyPoint[];
};

/** What is read of the API's answer. */
export type Loaded = LoadSeries & {
  /** Above `QUARTER_S`, some quarter-hours are parts of intervals as long as that. */
  readonly resolutionS: number;
  readonly supplyPoints: { readonly withheld: number };
};

export const QUARTER_S = 900;

export type CostReading = Cost & {
  /** `undefined`: nothing of the period has a price. */
  readonly currency: string | undefined;
  readonly prices: readonly { readonly contract: Contract; readonly price: FlatPrice }[];
  readonly gaps: CostGaps;
};

/** What the cost leaves out, and why. */
export type CostGaps = {
  /** Supply points of the common parts for which no contract is recorded. */
  readonly unrecorded: number;
  /** Dwellings have contracts of their own. */
  readonly dwellings: number;
  /** Supply points whose recorded contract was not in force in all of the period. */
  readonly partly: number;
  /** Supply points whose contract is in another currency than the first one's. */
  readonly otherCurrency: number;
};

export type EmissionReading = { readonly emissions: Emissions; readonly bars: readonly Bar[] };

export async function readEnergy(
  { buildingId, series }: EnergyQuery,
  span: Span,
  resolution: Resolution,
  signal: AbortSignal,
): Promise<Loaded> {
  // Nothing of the period is settled yet: there is nothing to ask.
  if (span.toMs <= span.fromMs) return nothingOf(series);
  return readLoad(buildingId, series, span, resolution, signal);
}

export async function readBars(query: EnergyQuery, signal: AbortSignal): Promise<readonly Bar[]> {
  const { period, zone, nowMs } = query;
  const span = spanOf(period, zone);
  const resolution = BAR_RESOLUTION[period.unit];
  const load = await readEnergy(query, { ...span, toMs: askUntilMs(span, nowMs) }, resolution, signal);
  return barsOf(load.points, span, resolution, zone, nowMs);
}

/** Of the common parts: the contracts of dwellings are their own business, and this reader may not see them. */
export async function readCost(query: EnergyQuery, signal: AbortSignal): Promise<CostReading> {
  const { series, period, zone, nowMs, supplyPoints } = query;
  const span = spanOf(period, zone);
  const resolution = BAR_RESOLUTION[period.unit];
  const asked = { ...span, toMs: askUntilMs(span, nowMs) };
  const ours = supplyPoints.filter(
    ({ carrier, direction }) => carrier === series.carrier && direction !== "export",
  );
  const common = ours.filter(({ scope }) => scope === "common");
  const contracts = await Promise.all(common.map(({ id }) => readContract(id, signal)));
  const currency = contracts.find((contract) => contract !== undefined)?.currency;
  const gaps = { unrecorded: 0, dwellings: ours.length - common.length, partly: 0, otherCurrency: 0 };
  const prices: { contract: Contract; price: FlatPrice }[] = [];
  const loads: Promise<PricedLoad>[] = [];
  common.forEach((point, index) => {
    const contract = contracts[index];
    const price = contract && flatPrice(contract, point.vatRate);
    if (contract === undefined || price === undefined) return void (gaps.unrecorded += 1);
    if (contract.currency !== currency) return void (gaps.otherCurrency += 1);
    const priced = contractSpan(asked, contract, zone);
    if (priced === undefined || priced.fromMs > asked.fromMs || priced.toMs < asked.toMs) gaps.partly += 1;
    if (priced === undefined) return;
    prices.push({ contract, price });
    loads.push(readPriced(point.id, series, priced, resolution, price, signal));
  });
  const grid = barsOf([], span, resolution, zone, nowMs).map((bar): Bar =>
    bar.fromMs < asked.toMs ? { ...bar, phase: "past" } : bar,
  );
  const cost = costOf(await Promise.all(loads), grid, asked.toMs);
  return { ...cost, currency: prices.length === 0 ? undefined : currency, prices, gaps };
}

async function readPriced(
  supplyPointId: string,
  series: Series,
  span: Span,
  resolution: Resolution,
  price: FlatPrice,
  signal: AbortSignal,
): Promise<PricedLoad> {
  const { points } = await readSupplyPointLoad(supplyPointId, series, span, resolution, signal);
  return { points, price };
}

/** `bars`: the same period's energy. */
export async function readEmission(
  { buildingId, series, period, zone, nowMs }: EnergyQuery,
  bars: readonly Bar[],
  signal: AbortSignal,
): Promise<EmissionReading | undefined> {
  const span = spanOf(period, zone);
  const asked = { ...span, toMs: askUntilMs(span, nowMs) };
  if (asked.toMs <= asked.fromMs) return undefined;
  const resolution = BAR_RESOLUTION[period.unit];
  const emissions = await readEmissions(buildingId, series, asked, emissionResolution(resolution), signal);
  return { emissions, bars: emissionBars(bars, resolution, emissions, zone) };
}

/** Only the bars, for the period that another is compared with. */
export async function readMeasured(
  query: EnergyQuery,
  measure: Measure,
  signal: AbortSignal,
): Promise<readonly Bar[]> {
  if (measure === "cost") return (await readCost(query, signal)).bars;
  const bars = await readBars(query, signal);
  if (measure === "energy") return bars;
  return (await readEmission(query, bars, signal))?.bars ?? [];
}

function nothingOf({ carrier }: Series): Loaded {
  const unit = carrier === "electricity" || carrier === "heat" ? "Wh" : "l";
  return { unit, points: [], resolutionS: QUARTER_S, supplyPoints: { withheld: 0 } };
}
