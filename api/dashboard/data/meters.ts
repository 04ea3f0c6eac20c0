// What the dashboard asks and tells the API about a building's meters: swaps, doubtful values, and numbers that changed.
import type { components } from "../api-types.d.ts";
import type { Series } from "../energy/series.ts";
import type { Span } from "../time/period.ts";
import { client, dataOf } from "./client.ts";

type Schemas = components["schemas"];
export type Swap = Schemas["Swap"];
export type BuildingSwaps = Schemas["BuildingSwaps"];
export type NewMeterSwap = Schemas["NewMeterSwap"];
export type BuildingValidation = Schemas["BuildingValidation"];
export type FindingGroup = Schemas["FindingGroup"];
export type ChangePage = Schemas["BuildingLoadChangeList"];
export type LoadChange = Schemas["BuildingLoadChange"];

/** Days of changes asked for at once: at most some 3,000 quarter-hours. */
const CHANGED_DAYS = 30;

const on = (id: string) => ({ path: { id } });
const bounds = ({ fromMs, toMs }: Span) => ({
  from: new Date(fromMs).toISOString(),
  to: new Date(toMs).toISOString(),
});

/** Residents are told that they may not. */
export function readSwaps(buildingId: string, signal: AbortSignal): Promise<BuildingSwaps> {
  return dataOf(client.GET("/v1/buildings/{id}/swaps", { params: on(buildingId), signal }));
}

/** All of a meter's registers, or none. */
export async function recordSwap(supplyPointId: string, body: NewMeterSwap): Promise<void> {
  await dataOf(client.POST("/v1/supply-points/{id}/meter-swaps", { params: on(supplyPointId), body }));
}

export async function takeSwapBack(supplyPointId: string, swapId: string): Promise<void> {
  const params = { path: { id: supplyPointId, swapId } };
  await dataOf(client.DELETE("/v1/supply-points/{id}/swaps/{swapId}", { params }));
}

/** All registers of a suspected meter count beside those of the other. */
export async function dismissSwap(supplyPointId: string, key: string): Promise<void> {
  const params = on(supplyPointId);
  await dataOf(client.POST("/v1/supply-points/{id}/swaps/dismissals", { params, body: { key } }));
}

export function readFindings(
  buildingId: string,
  span: Span,
  signal: AbortSignal,
): Promise<BuildingValidation> {
  const params = { ...on(buildingId), query: bounds(span) };
  return dataOf(client.GET("/v1/buildings/{id}/validation", { params, signal }));
}

/** The newest first; `cursor`: of the page before. */
export function readChanges(
  buildingId: string,
  { carrier, direction }: Series,
  span: Span,
  cursor: string | null,
  signal: AbortSignal,
): Promise<ChangePage> {
  const query = {
    ...bounds(span),
    carrier,
    direction,
    limit: CHANGED_DAYS,
    ...(cursor === null ? {} : { cursor }),
  };
  return dataOf(client.GET("/v1/buildings/{id}/changes", { params: { ...on(buildingId), query }, signal }));
}
