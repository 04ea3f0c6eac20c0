// Who takes part: joining, leaving and withdrawing a building, and what still keeps it from taking part.
import {
  joinTender,
  leaveTender,
  participantsOf,
  previewOf,
  tendersOfBuilding,
  withdrawFromTender,
  type BuildingTenderView,
  type Desk,
  type ParticipantView,
} from "#analytics";
import { KoproError } from "#devices/error";
import type { Role } from "#devices/vocabulary";
import { findTender, type Scope, type TenderRow } from "#store";
import { found, idOf, viewerOf } from "../access.ts";
import { showMoney } from "../amount.ts";
import { identifierIn } from "../identifier.ts";
import { presentMissing, presentPreview, presentTender } from "../present-tender.ts";
import {
  BuildingTenderList,
  Tender,
  TenderBuilding,
  TenderParticipantList,
  TenderPreview,
  Withdrawal,
  ref,
} from "../schemas/index.ts";
import type { Api, Services } from "../services.ts";

const DECIDERS: readonly Role[] = ["admin", "coordinator", "manager"];
const RUNNERS: readonly Role[] = ["admin", "coordinator"];
const TENANTS: readonly Role[] = ["admin", "coordinator", "manager", "resident"];

export function tenderEnrolmentRoutes(app: Api, { desk }: Services): void {
  app.get(
    "/v1/buildings/:id/tenders",
    {
      config: { access: { roles: TENANTS, sees: ["building", "id"] } },
      schema: {
        summary: "The tenders that a building is in or could join, and what is missing",
        tags: ["Tenders"],
        response: { 200: ref(BuildingTenderList) },
      },
    },
    async (request) => {
      const { scope } = viewerOf(request);
      const views = await tendersOfBuilding(desk, scope, idOf(request));
      return { items: views.map((view) => presentBuildingTender(view, scope)), nextCursor: null };
    },
  );

  app.get(
    "/v1/tenders/:id/participants",
    {
      config: { access: { roles: TENANTS, sees: ["tender", "id"] } },
      schema: {
        summary: "The buildings in a tender that I may see, each with what would keep it from publication",
        tags: ["Tenders"],
        response: { 200: ref(TenderParticipantList) },
      },
    },
    async (request) => {
      const participants = await participantsOf(desk, viewerOf(request).scope, idOf(request));
      return { items: participants.map(presentParticipant), nextCursor: null };
    },
  );

  app.get(
    "/v1/tenders/:id/preview",
    {
      config: { access: { roles: RUNNERS, sees: ["tender", "id"] } },
      schema: {
        summary: "While enrolling: the lot that a publication would show now, or all that would refuse it",
        tags: ["Tenders"],
        response: { 200: ref(TenderPreview) },
      },
    },
    async (request) => presentPreview(await previewOf(desk, viewerOf(request).scope, idOf(request))),
  );

  app.post(
    "/v1/tenders/:id/join",
    {
      config: { access: { roles: DECIDERS, sees: ["tender", "id"] } },
      schema: {
        summary: "Let a building take part; what it has joined it may join again",
        description:
          "Refused with `consent_missing` or `conditions_missing`; `missing` says what, and of which supply point.",
        tags: ["Tenders"],
        body: ref(TenderBuilding),
        response: { 200: ref(Tender) },
      },
    },
    async (request) => {
      const { scope } = viewerOf(request);
      const buildingId = identifierIn(request.body.buildingId, "/buildingId");
      return presentTender(await joined(desk, scope, idOf(request), buildingId), scope);
    },
  );

  app.post(
    "/v1/tenders/:id/leave",
    {
      config: { access: { roles: DECIDERS, sees: ["tender", "id"] } },
      schema: {
        summary: "Take a building out of the tender, until it is published",
        tags: ["Tenders"],
        body: ref(TenderBuilding),
        response: { 200: ref(Tender) },
      },
    },
    async (request) => {
      const { scope } = viewerOf(request);
      const buildingId = identifierIn(request.body.buildingId, "/buildingId");
      return presentTender(await leaveTender(desk, scope, idOf(request), buildingId), scope);
    },
  );

  app.post(
    "/v1/tenders/:id/withdraw",
    {
      config: { access: { roles: DECIDERS, sees: ["tender", "id"] } },
      schema: {
        summary: "Take a building out after publication, until the award, with the reason",
        description:
          "The published dossier stays as it is. The evaluation is made again without the building; below the minimum cohort the tender can no longer be awarded.",
        tags: ["Tenders"],
        body: ref(Withdrawal),
        response: { 200: ref(Tender) },
      },
    },
    async (request) => {
      const { scope } = viewerOf(request);
      const buildingId = identifierIn(request.body.buildingId, "/buildingId");
      const { reason } = request.body;
      return presentTender(await withdrawFromTender(desk, scope, idOf(request), buildingId, reason), scope);
    },
  );
}

/** A second click changes nothing, so it is answered as the first was. */
async function joined(desk: Desk, scope: Scope, id: number, buildingId: number): Promise<TenderRow> {
  try {
    return await joinTender(desk, scope, id, buildingId);
  } catch (error) {
    if (!(error instanceof KoproError) || error.code !== "already_exists") throw error;
    return found(await findTender(desk.pool, scope, id));
  }
}

function presentParticipant(view: ParticipantView) {
  return {
    buildingId: String(view.buildingId),
    building: view.building,
    region: view.region,
    joinedAt: view.joinedAt.toISOString(),
    leftAt: view.leftAt?.toISOString() ?? null,
    supplyPoints: view.supplyPoints,
    annualWh: view.annualWh,
    basisDays: view.basisDays,
    missing: view.missing.map(presentMissing),
  };
}

function presentBuildingTender(view: BuildingTenderView, scope: Scope) {
  const amount = (micro: bigint | null) => (micro === null ? null : showMoney(micro));
  return {
    tender: presentTender(view.tender, scope),
    joined: view.joined,
    mayJoin: view.mayJoin,
    mayLeave: view.mayLeave,
    mayWithdraw: view.mayWithdraw,
    supplyPoints: view.supplyPoints,
    missing: view.missing.map(presentMissing),
    annualWh: view.annualWh,
    currentCost: amount(view.currentCostMicro),
    offeredCost: amount(view.offeredCostMicro),
    saving: amount(view.savingMicro),
  };
}
