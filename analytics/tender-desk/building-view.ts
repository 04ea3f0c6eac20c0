// The tenders of one building: what it takes part in, and what it could join.
import { KoproError } from "#devices/error";
import { knowledgeOf, listTendersOfBuilding, presentParticipants, type Scope, type TenderRow } from "#store";
import { transition, TENDER_STATES, type TenderEventKind } from "../tender/states.ts";
import { conditionsOf } from "./conditions.ts";
import type { BuildingTenderView, Desk } from "./desk.ts";
import { buildingCosts } from "./evaluation-view.ts";
import { seenMissing } from "./seen-missing.ts";
import { JOINERS } from "./tender-step.ts";

/** @throws KoproError `not_found` for a building that the viewer does not see. */
export async function tendersOfBuilding(
  desk: Desk,
  scope: Scope,
  buildingId: number,
): Promise<BuildingTenderView[]> {
  if ((await knowledgeOf(desk.pool, scope, "building", buildingId)) === "unknown") {
    throw new KoproError("not_found", `No building ${buildingId}.`);
  }
  const tenders = await listTendersOfBuilding(desk.pool, scope, buildingId);
  // A building is in few tenders: one after another, so that a page takes one connection.
  const views: BuildingTenderView[] = [];
  for (const tender of tenders) views.push(await viewOf(desk, scope, tender, buildingId));
  return views;
}

async function viewOf(
  desk: Desk,
  scope: Scope,
  tender: TenderRow,
  buildingId: number,
): Promise<BuildingTenderView> {
  const joined = (await presentParticipants(desk.pool, tender.id)).includes(buildingId);
  const conditions = await conditionsOf(desk.pool, scope, tender, [buildingId]);
  const { points = [], missing = [] } = conditions.get(buildingId) ?? {};
  const decides = JOINERS.includes(scope.role);
  const enrolling = tender.publishedAt === null;
  const costs = joined ? await buildingCosts(desk, scope, tender, buildingId) : undefined;
  return {
    tender,
    joined,
    mayJoin: decides && !joined && missing.length === 0 && allows(tender, "join"),
    mayLeave: decides && joined && allows(tender, "leave"),
    mayWithdraw: decides && joined && !enrolling && allows(tender, "withdraw"),
    supplyPoints: points.length,
    // After publication nothing is asked any more.
    missing: enrolling ? await seenMissing(desk.pool, scope, missing) : [],
    annualWh: costs?.annualWh ?? null,
    currentCostMicro: costs?.currentCostMicro ?? null,
    offeredCostMicro: costs?.offeredCostMicro ?? null,
    savingMicro: costs?.savingMicro ?? null,
  };
}

function allows(tender: TenderRow, kind: TenderEventKind): boolean {
  const state = TENDER_STATES.find((one) => one === tender.state);
  const event = { kind, atMs: tender.createdAt.getTime(), by: null, reason: "asked" };
  return state !== undefined && transition(state, event).allowed;
}
