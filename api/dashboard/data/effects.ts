// What the dashboard asks the API about money and CO₂: contracts, savings, emissions, a portfolio's sums, a tender's follow-up.
import type { components } from "../api-types.d.ts";
import type { Series } from "../energy/series.ts";
import type { CivilDate } from "../time/civil.ts";
import type { Resolution, Span } from "../time/period.ts";
import { client, dataOf } from "./client.ts";
import { RequestProblem } from "./problem.ts";

type Schemas = components["schemas"];
export type Contract = Schemas["Contract"];
export type Load = Schemas["Load"];
export type Savings = Schemas["Savings"];
export type FollowUp = Schemas["FollowUp"];
export type Emissions = Schemas["Emissions"];

/** Half-open, by civil dates: the API cuts it in the zone of each building. */
export type Dates = { readonly from: CivilDate; readonly to: CivilDate };

const on = (id: string) => ({ path: { id } });

/** The contract in force, else the next, else the last; `undefined` where none was ever recorded. */
export async function readContract(
  supplyPointId: string,
  signal: AbortSignal,
): Promise<Contract | undefined> {
  const params = on(supplyPointId);
  try {
    return await dataOf(client.GET("/v1/supply-points/{id}/contract", { params, signal }));
  } catch (error) {
    if (error instanceof RequestProblem && error.code === "not_found") return undefined;
    throw error;
  }
}

export function readSupplyPointLoad(
  supplyPointId: string,
  { direction }: Series,
  span: Span,
  resolution: Resolution,
  signal: AbortSignal,
): Promise<Load> {
  const params = { ...on(supplyPointId), query: { ...instants(span), direction, resolution } };
  return dataOf(client.GET("/v1/supply-points/{id}/load", { params, signal }));
}

export function readEmissions(
  buildingId: string,
  { carrier }: Series,
  span: Span,
  resolution: "day" | "month",
  signal: AbortSignal,
): Promise<Emissions> {
  const params = { ...on(buildingId), query: { ...instants(span), carrier, resolution } };
  return dataOf(client.GET("/v1/buildings/{id}/emissions", { params, signal }));
}

export function readSavings(buildingId: string, span: Span, signal: AbortSignal): Promise<Savings> {
  const params = { ...on(buildingId), query: instants(span) };
  return dataOf(client.GET("/v1/buildings/{id}/savings", { params, signal }));
}

export function readFollowUp(tenderId: string, signal: AbortSignal): Promise<FollowUp> {
  return dataOf(client.GET("/v1/tenders/{id}/follow-up", { params: on(tenderId), signal }));
}

export function readPortfolioEmissions(dates: Dates, signal: AbortSignal): Promise<Schemas["Emissions"]> {
  const query = { ...dates, resolution: "month" } as const;
  return dataOf(client.GET("/v1/portfolio/emissions", { params: { query }, signal }));
}

export function readPortfolioSavings(dates: Dates, signal: AbortSignal): Promise<Savings> {
  return dataOf(client.GET("/v1/portfolio/savings", { params: { query: dates }, signal }));
}

/** Electricity drawn by every building that I may see, together. */
export async function readPortfolioEnergyWh(dates: Dates, signal: AbortSignal): Promise<number> {
  const query = { ...dates, resolution: "month" } as const;
  const { points } = await dataOf(client.GET("/v1/portfolio/load", { params: { query }, signal }));
  return points.reduce((sum, { value }) => sum + (value ?? 0), 0);
}

function instants({ fromMs, toMs }: Span) {
  return { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
}
