// Every question that the dashboard asks the API, by name; answers are values, failures are `RequestProblem`s.
import type { components } from "../api-types.d.ts";
import type { Series } from "../energy/series.ts";
import type { Resolution, Span } from "../time/period.ts";
import { client, dataOf, useCsrfToken } from "./client.ts";

type Schemas = components["schemas"];
export type User = Schemas["User"];
export type Building = Schemas["Building"];
export type SupplyPoint = Schemas["SupplyPoint"];
export type Device = Schemas["Device"];
export type Register = Schemas["Register"];
export type Reading = Schemas["Reading"];
export type Connector = Schemas["Connector"];
export type BuildingLoad = Schemas["BuildingLoad"];

/** Supply points and devices of one building: far more than any has, and what the API gives at once. */
const ALL = { limit: 1000 } as const;

export async function readSession(): Promise<User> {
  return enter(await dataOf(client.GET("/v1/session")));
}

/** @throws RequestProblem `credential_unknown` where the two do not match. */
export async function signIn(email: string, password: string): Promise<User> {
  return enter(await dataOf(client.POST("/v1/session", { body: { email, password } })));
}

/** Sets the password of someone who was invited, and signs in. */
export async function acceptInvitation(token: string, password: string): Promise<User> {
  return enter(await dataOf(client.POST("/v1/invitations/accept", { body: { token, password } })));
}

export async function signOut(): Promise<void> {
  await dataOf(client.DELETE("/v1/session"));
  useCsrfToken(null);
}

function enter(session: { readonly user: User; readonly csrfToken: string | null }): User {
  useCsrfToken(session.csrfToken);
  return session.user;
}

/** One page of the buildings that I may see; `cursor` is the page before's `nextCursor`. */
export function listBuildings(cursor: string | null, signal: AbortSignal): Promise<Schemas["BuildingList"]> {
  const query = cursor === null ? {} : { cursor };
  return dataOf(client.GET("/v1/buildings", { params: { query }, signal }));
}

export function readBuilding(id: string, signal?: AbortSignal): Promise<Building> {
  return dataOf(client.GET("/v1/buildings/{id}", { params: { path: { id } }, signal: signal ?? null }));
}

export function readSupplyPoint(id: string): Promise<SupplyPoint> {
  return dataOf(client.GET("/v1/supply-points/{id}", { params: { path: { id } } }));
}

export async function listSupplyPoints(
  buildingId: string,
  signal: AbortSignal,
): Promise<readonly SupplyPoint[]> {
  const params = { path: { id: buildingId }, query: ALL };
  return (await dataOf(client.GET("/v1/buildings/{id}/supply-points", { params, signal }))).items;
}

export async function listDevices(buildingId: string, signal: AbortSignal): Promise<readonly Device[]> {
  const params = { path: { id: buildingId }, query: ALL };
  return (await dataOf(client.GET("/v1/buildings/{id}/devices", { params, signal }))).items;
}

/** For who keeps the devices; others are told that they may not. */
export async function listConnectors(buildingId: string, signal: AbortSignal): Promise<readonly Connector[]> {
  const params = { path: { id: buildingId }, query: ALL };
  return (await dataOf(client.GET("/v1/buildings/{id}/connectors", { params, signal }))).items;
}

export async function listRegisters(deviceId: string): Promise<readonly Register[]> {
  const params = { path: { id: deviceId }, query: ALL };
  return (await dataOf(client.GET("/v1/devices/{id}/registers", { params }))).items;
}

/** The first thousand readings of a span: a quarter of an hour, even of a second-rate meter. */
export async function listReadings(registerId: string, span: Span): Promise<readonly Reading[]> {
  const params = { path: { id: registerId }, query: { ...bounds(span), ...ALL } };
  return (await dataOf(client.GET("/v1/registers/{id}/readings", { params }))).items;
}

export function readLoad(
  buildingId: string,
  series: Series,
  span: Span,
  resolution: Resolution,
  signal: AbortSignal,
): Promise<BuildingLoad> {
  const params = { path: { id: buildingId }, query: loadQuery(series, span, resolution) };
  return dataOf(client.GET("/v1/buildings/{id}/load", { params, signal }));
}

/** The same series as text, for a spreadsheet. */
export async function readLoadCsv(
  buildingId: string,
  series: Series,
  span: Span,
  resolution: Resolution,
): Promise<string> {
  const params = { path: { id: buildingId }, query: loadQuery(series, span, resolution) };
  const headers = { accept: "text/csv" };
  return dataOf(client.GET("/v1/buildings/{id}/load", { params, headers, parseAs: "text" }));
}

/** The address of a building's live stream, which EventSource opens with the cookie. */
export function livePath(buildingId: string): string {
  return `/v1/buildings/${buildingId}/live`;
}

function loadQuery({ carrier, direction }: Series, span: Span, resolution: Resolution) {
  return { carrier, direction, resolution, ...bounds(span) };
}

function bounds({ fromMs, toMs }: Span) {
  return { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
}
