// Emissions as the API shows them: exact picograms inside, kilograms and shares outside, with the factors that made them.
import {
  kilograms,
  SHIPPED_FACTORS,
  shareOf,
  type Emission,
  type EmissionSeries,
  type UsedFactors,
} from "#analytics";
import type { Carrier } from "#devices/vocabulary";
import type { Span } from "./span.ts";

const instant = (ms: number) => new Date(ms).toISOString();

export type EmissionsAnswer = {
  readonly series: EmissionSeries;
  readonly factors: UsedFactors;
  readonly carrier: Carrier;
  readonly resolution: "day" | "month";
  readonly timezone: string;
  readonly span: Span;
  readonly asOfMs: number;
  readonly withheld: number;
};

export function presentEmissions(answer: EmissionsAnswer) {
  const { series, factors, carrier, resolution, timezone, span, asOfMs, withheld } = answer;
  const { total, points } = series;
  return {
    from: instant(span.fromMs),
    to: instant(span.toMs),
    asOf: instant(asOfMs),
    timezone,
    resolution,
    carrier,
    factors: presentFactors(factors),
    ...presentEmission(total),
    marketCoveredShare: shareOf(total.mixedWh, total.energyWh),
    withheld,
    points: points.map(({ fromMs, toMs, emission }) => ({
      from: instant(fromMs),
      to: instant(toMs),
      ...presentEmission(emission),
    })),
  };
}

function presentEmission({ energyWh, quarters, covered, locationPg, mixed, marketPg }: Emission) {
  return {
    energyWh,
    location: covered === 0 ? null : kilograms(locationPg),
    market: mixed === 0 ? null : kilograms(marketPg),
    coveredShare: shareOf(covered, quarters),
  };
}

/** The points as a table. */
export function emissionsTable(
  name: string,
  { carrier, resolution, points }: ReturnType<typeof presentEmissions>,
) {
  return {
    name: `${name}-${carrier}-emissions-${resolution}`,
    header: ["from", "to", "energy_Wh", "location_kg", "market_kg", "coveredShare"],
    rows: points.map((point) => [
      point.from,
      point.to,
      point.energyWh,
      point.location,
      point.market,
      point.coveredShare,
    ]),
  };
}

const MG_PER_G = 1000;

function presentFactors({ location, residual }: UsedFactors) {
  const zones = [...new Set(location.map(({ zone }) => zone))];
  const last = residual.at(-1);
  return {
    version: SHIPPED_FACTORS.version,
    zone: zones.length === 1 ? (zones[0] ?? null) : null,
    method: SHIPPED_FACTORS.method,
    source: `${SHIPPED_FACTORS.source}, ${SHIPPED_FACTORS.licence}, read on ${SHIPPED_FACTORS.retrievedOn}`,
    years: location.map(({ zone, year, askedYear, mgPerKwh }) => ({
      zone,
      year: askedYear,
      gPerKwh: mgPerKwh / MG_PER_G,
      carriedFrom: year === askedYear ? null : year,
    })),
    residual:
      last === undefined
        ? null
        : { zone: last.zone, year: last.year, gPerKwh: last.mgPerKwh / MG_PER_G, source: last.source },
  };
}
