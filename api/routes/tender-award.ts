// After the deadline: opening the bids, what each would cost whom, the award, and what the winner is then told.
import { awardTender, evaluationOf, openTender, type EvaluatedBid, type EvaluationView } from "#analytics";
import { KoproError } from "#devices/error";
import type { Role } from "#devices/vocabulary";
import { findTender, listAwardedPoints, type AwardedPointRow, type Scope, type TenderRow } from "#store";
import { found, idOf, viewerOf } from "../access.ts";
import { showMoney } from "../amount.ts";
import { csvOf, prefersCsv, sendCsv } from "../csv.ts";
import { identifierIn } from "../identifier.ts";
import { presentOffer, presentTender } from "../present-tender.ts";
import { AwardRequest, AwardedSupplyPointList, Evaluation, Tender, ref, series } from "../schemas/index.ts";
import type { Api, Services } from "../services.ts";

const KEEPERS: readonly Role[] = ["admin", "coordinator"];
const TENANTS: readonly Role[] = ["admin", "coordinator", "manager", "resident"];
const PARTIES: readonly Role[] = ["admin", "coordinator", "supplier"];

export function tenderAwardRoutes(app: Api, { pool, desk }: Services): void {
  app.post(
    "/v1/tenders/:id/open",
    {
      config: { access: { roles: KEEPERS, sees: ["tender", "id"] } },
      schema: {
        summary: "Open the bids, after the deadline, and evaluate them",
        tags: ["Tenders"],
        response: { 200: ref(Tender) },
      },
    },
    async (request) => {
      const { scope } = viewerOf(request);
      return presentTender(await openTender(desk, scope, idOf(request)), scope);
    },
  );

  app.get(
    "/v1/tenders/:id/evaluation",
    {
      config: { access: { roles: TENANTS, sees: ["tender", "id"] } },
      schema: {
        summary: "Every bid that counts, ranked by what the group would pay in a year",
        description:
          "Annual cost: Σ Wh × price + fees, each supply point on its own year of quarter-hours, against its present contract; without VAT. The group's amounts are the sums of the supply points'.",
        tags: ["Tenders"],
        response: { 200: ref(Evaluation) },
      },
    },
    async (request) => presentEvaluation(await evaluationOf(desk, viewerOf(request).scope, idOf(request))),
  );

  app.post(
    "/v1/tenders/:id/award",
    {
      config: { access: { roles: KEEPERS, sees: ["tender", "id"] } },
      schema: {
        summary: "Award a bid; its contracts begin on the delivery start",
        tags: ["Tenders"],
        body: ref(AwardRequest),
        response: { 200: ref(Tender) },
      },
    },
    async (request) => {
      const { scope } = viewerOf(request);
      const { body } = request;
      const choice = { bidId: identifierIn(body.bidId, "/bidId"), reason: body.reason };
      return presentTender(await awardTender(desk, scope, idOf(request), choice), scope);
    },
  );

  app.get(
    "/v1/tenders/:id/award/supply-points",
    {
      config: { access: { roles: PARTIES, sees: ["tender", "id"] } },
      schema: {
        summary: "The supply points of the award, with their codes, for the winner",
        tags: ["Tenders"],
        response: { 200: series(ref(AwardedSupplyPointList)) },
      },
    },
    async (request, reply) => {
      const { scope } = viewerOf(request);
      const tender = found(await findTender(pool, scope, idOf(request)));
      refuseBystanders(tender, scope);
      const points = await listAwardedPoints(pool, scope, tender.id);
      void reply.header("vary", "accept");
      if (prefersCsv(request)) return sendCsv(reply, `tender-${tender.id}-supply-points`, pointsCsv(points));
      return reply.send({ items: points.map(presentPoint), nextCursor: null });
    },
  );
}

/** A supplier that did not win knows of the award by the tender's state only. */
function refuseBystanders(tender: TenderRow, scope: Scope): void {
  if (tender.state !== "awarded" && tender.state !== "in_force") {
    const detail = `Tender ${tender.id} is in state ${tender.state}: supply points are told to the winner after the award.`;
    throw new KoproError("state_forbidden", detail, { extra: { reason: "not_awarded" } });
  }
  if (scope.role === "supplier" && tender.award?.supplierId !== scope.organisationId) {
    const detail = `The supply points of tender ${tender.id} are told to the supplier that won it, and to nobody else.`;
    throw new KoproError("forbidden", detail);
  }
}

function presentEvaluation({ tender, asOfMs, participants, annualWh, bids, buildings }: EvaluationView) {
  return {
    tenderId: String(tender.id),
    currency: tender.currency,
    vat: "excluded" as const,
    asOf: new Date(asOfMs).toISOString(),
    participants,
    annualWh,
    bids: bids.map((bid) => presentEvaluated(bid, buildings)),
  };
}

function presentEvaluated(
  { bid, currentCostMicro, result }: EvaluatedBid,
  buildings: EvaluationView["buildings"],
) {
  return {
    bidId: String(bid.id),
    rank: result.rank,
    ...presentOffer(bid),
    validUntil: bid.validUntil.toISOString(),
    annualCost: showMoney(result.annualCostMicro),
    currentCost: showMoney(currentCostMicro),
    saving: showMoney(result.savingMicro),
    winners: result.winners,
    losers: result.losers,
    participants: result.points.map((point) => ({
      buildingId: String(point.participantId),
      building: buildings.get(point.participantId) ?? "",
      supplyPointId: String(point.supplyPointId),
      annualWh: point.annualWh,
      currentCost: showMoney(point.currentCostMicro),
      offeredCost: showMoney(point.offeredCostMicro),
      saving: showMoney(point.savingMicro),
    })),
  };
}

function presentPoint(row: AwardedPointRow) {
  return { ...row, supplyPointId: String(row.supplyPointId) };
}

function pointsCsv(points: readonly AwardedPointRow[]): string {
  return csvOf(
    ["supplyPointId", "code", "gridOperator", "kind", "building", "address", "postalCode", "annual_Wh"],
    points.map((point) => [
      String(point.supplyPointId),
      point.code,
      point.gridOperator,
      point.kind,
      point.building,
      point.address,
      point.postalCode,
      point.annualWh,
    ]),
  );
}
