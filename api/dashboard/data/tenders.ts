// What the dashboard asks and tells the API about group tenders: the call, who takes part, and the log.
import type { components } from "../api-types.d.ts";
import { client, dataOf } from "./client.ts";

type Schemas = components["schemas"];
export type Tender = Schemas["Tender"];
export type TenderState = Tender["state"];
export type NewTender = Schemas["NewTender"];
export type TenderParticipant = Schemas["TenderParticipant"];
export type TenderPreview = Schemas["TenderPreview"];
export type BuildingTender = Schemas["BuildingTender"];
export type MissingCondition = BuildingTender["missing"][number];
export type TenderEvent = Schemas["TenderEvent"];
export type TenderLog = Schemas["TenderLog"];

/** More tenders or participants than a coordinator has, and what the API gives at once. */
const ALL = { limit: 1000 } as const;
const on = (id: string) => ({ path: { id } });

export function listTenders(cursor: string | null, signal: AbortSignal): Promise<Schemas["TenderList"]> {
  const query = cursor === null ? {} : { cursor };
  return dataOf(client.GET("/v1/tenders", { params: { query }, signal }));
}

export function readTender(id: string, signal: AbortSignal): Promise<Tender> {
  return dataOf(client.GET("/v1/tenders/{id}", { params: on(id), signal }));
}

export function createTender(body: NewTender): Promise<Tender> {
  return dataOf(client.POST("/v1/tenders", { body }));
}

export async function listParticipants(
  id: string,
  signal: AbortSignal,
): Promise<readonly TenderParticipant[]> {
  return (await dataOf(client.GET("/v1/tenders/{id}/participants", { params: on(id), signal }))).items;
}

/** What a publication would show now, or all that would refuse it; only while enrolling, for who runs the tender. */
export function readTenderPreview(id: string, signal: AbortSignal): Promise<TenderPreview> {
  return dataOf(client.GET("/v1/tenders/{id}/preview", { params: on(id), signal }));
}

export function readTenderLog(id: string, signal: AbortSignal): Promise<TenderLog> {
  return dataOf(client.GET("/v1/tenders/{id}/log", { params: on(id), signal }));
}

/** Annual energy of the group as published (Wh; litres for gas and water): a dossier never changes. */
export async function readPublishedAnnualWh(id: string, signal: AbortSignal): Promise<number> {
  const { lots } = await dataOf(client.GET("/v1/tenders/{id}/dossier", { params: on(id), signal }));
  return lots.reduce((sum, { annualWh }) => sum + annualWh, 0);
}

/** The tenders that are open to a building, or that it takes part in. */
export async function listBuildingTenders(
  buildingId: string,
  signal: AbortSignal,
): Promise<readonly BuildingTender[]> {
  const params = on(buildingId);
  return (await dataOf(client.GET("/v1/buildings/{id}/tenders", { params, signal }))).items;
}

/** Of the buildings that I may see, for a choice. */
export async function listAllBuildings(signal: AbortSignal): Promise<readonly Schemas["Building"][]> {
  return (await dataOf(client.GET("/v1/buildings", { params: { query: ALL }, signal }))).items;
}

export function joinTender(id: string, buildingId: string): Promise<Tender> {
  return dataOf(client.POST("/v1/tenders/{id}/join", { params: on(id), body: { buildingId } }));
}

export function leaveTender(id: string, buildingId: string): Promise<Tender> {
  return dataOf(client.POST("/v1/tenders/{id}/leave", { params: on(id), body: { buildingId } }));
}

/** Takes a building out after the publication: out of evaluation and award, the dossier stays as it is. */
export function withdrawFromTender(id: string, buildingId: string, reason: string): Promise<Tender> {
  return dataOf(client.POST("/v1/tenders/{id}/withdraw", { params: on(id), body: { buildingId, reason } }));
}

export function enrolTender(id: string): Promise<Tender> {
  return dataOf(client.POST("/v1/tenders/{id}/enrol", { params: on(id) }));
}

export function publishTender(id: string): Promise<Tender> {
  return dataOf(client.POST("/v1/tenders/{id}/publish", { params: on(id) }));
}

export function openTender(id: string): Promise<Tender> {
  return dataOf(client.POST("/v1/tenders/{id}/open", { params: on(id) }));
}

export function cancelTender(id: string, reason: string): Promise<Tender> {
  return dataOf(client.POST("/v1/tenders/{id}/cancel", { params: on(id), body: { reason } }));
}
