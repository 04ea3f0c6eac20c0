// Every question about a tender's dossier, its bids and its award; answers are values, failures are `RequestProblem`s.
import type { components } from "../api-types.d.ts";
import { client, dataOf } from "./client.ts";

type Schemas = components["schemas"];
export type Dossier = Schemas["Dossier"];
export type Lot = Dossier["lots"][number];
export type DossierProfile = Schemas["DossierProfile"];
export type DossierRevision = Schemas["DossierRevision"];
export type Bid = Schemas["Bid"];
export type NewBid = Schemas["NewBid"];
export type Evaluation = Schemas["Evaluation"];
export type EvaluatedBid = Evaluation["bids"][number];
export type EvaluatedParticipant = EvaluatedBid["participants"][number];
export type AwardedSupplyPoint = Schemas["AwardedSupplyPoint"];

const CSV = { accept: "text/csv" } as const;

const path = (id: string) => ({ path: { id } }) as const;

/** The dossier as it was sent, byte for byte: only the text can be hashed again. */
export function readDossierText(id: string, signal: AbortSignal): Promise<string> {
  const asked = client.GET("/v1/tenders/{id}/dossier.json", { params: path(id), signal, parseAs: "text" });
  return dataOf(asked);
}

export function readDossierCsv(id: string): Promise<string> {
  return dataOf(
    client.GET("/v1/tenders/{id}/dossier.csv", { params: path(id), headers: CSV, parseAs: "text" }),
  );
}

export function readProfile(id: string, signal: AbortSignal): Promise<DossierProfile> {
  return dataOf(client.GET("/v1/tenders/{id}/dossier/profile", { params: path(id), signal }));
}

export function readRevision(id: string, signal: AbortSignal): Promise<DossierRevision> {
  return dataOf(client.GET("/v1/tenders/{id}/dossier/revision", { params: path(id), signal }));
}

/** What I may see: a supplier its own, others all of them once they are opened. */
export async function listBids(id: string, signal: AbortSignal): Promise<readonly Bid[]> {
  return (await dataOf(client.GET("/v1/tenders/{id}/bids", { params: path(id), signal }))).items;
}

/** @throws RequestProblem `bid_refused` with `reasons`, or `state_forbidden` with the reason `bid_too_late`. */
export function submitBid(id: string, bid: NewBid): Promise<Bid> {
  return dataOf(client.POST("/v1/tenders/{id}/bids", { params: path(id), body: bid }));
}

export function readEvaluation(id: string, signal: AbortSignal): Promise<Evaluation> {
  return dataOf(client.GET("/v1/tenders/{id}/evaluation", { params: path(id), signal }));
}

/** @throws RequestProblem `state_forbidden` with the reason, such as `bid_expired`. */
export function awardBid(id: string, bidId: string, reason: string): Promise<Schemas["Tender"]> {
  const body = reason === "" ? { bidId } : { bidId, reason };
  return dataOf(client.POST("/v1/tenders/{id}/award", { params: path(id), body }));
}

/** The codes behind the counts: for the winner, the coordination and the administration. */
export async function listAwardedPoints(
  id: string,
  signal: AbortSignal,
): Promise<readonly AwardedSupplyPoint[]> {
  return (await dataOf(client.GET("/v1/tenders/{id}/award/supply-points", { params: path(id), signal })))
    .items;
}

export function readAwardedPointsCsv(id: string): Promise<string> {
  const asked = client.GET("/v1/tenders/{id}/award/supply-points", {
    params: path(id),
    headers: CSV,
    parseAs: "text",
  });
  return dataOf(asked);
}
