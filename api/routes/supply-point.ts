// Supply points, their contracts and the consent ledger.
import { KoproError } from "#devices/error";
import { PURPOSES, type Role } from "#devices/vocabulary";
import {
  createSupplyPoint,
  createUnit,
  findContract,
  findSupplyPoint,
  giveConsent,
  inTransaction,
  listConsents,
  listSupplyPoints,
  putContract,
  updateSupplyPoint,
  withdrawConsents,
  findBuilding,
  type Consent as ConsentRow,
  type ConsentRefusal,
  type Contract as ContractRow,
  type SupplyPoint as SupplyPointRow,
} from "#store";
import { Type } from "typebox";
import { found, idOf, notFound, viewerOf } from "../access.ts";
import { identifierIn, invalid, listed, pageRequest } from "../identifier.ts";
import { millionthsIn, moneyIn, rateIn, showMoney, showRate, showShare } from "../amount.ts";
import {
  Consent,
  ConsentList,
  Contract,
  NewConsent,
  NewContract,
  NewSupplyPoint,
  Nothing,
  PAGE,
  SupplyPoint,
  SupplyPointList,
  SupplyPointPatch,
  oneOf,
  query,
  ref,
} from "../schemas/index.ts";
import type { Api, Services } from "../services.ts";
import { instantIn } from "../span.ts";
import { codeFault } from "../supply-point-code.ts";

const KEEPERS: readonly Role[] = ["admin", "coordinator"];
const TENANTS: readonly Role[] = ["admin", "coordinator", "manager", "resident"];

export function supplyPointRoutes(app: Api, { pool }: Services): void {
  app.get(
    "/v1/buildings/:id/supply-points",
    {
      config: { access: { roles: TENANTS, sees: ["building", "id"] } },
      schema: {
        summary: "The supply points of a building that I may see",
        tags: ["Supply points"],
        querystring: query(PAGE),
        response: { 200: ref(SupplyPointList) },
      },
    },
    async (request) =>
      listed(
        await listSupplyPoints(pool, viewerOf(request).scope, idOf(request), pageRequest(request.query)),
        presentSupplyPoint,
      ),
  );

  app.post(
    "/v1/buildings/:id/supply-points",
    {
      config: { access: { roles: KEEPERS, sees: ["building", "id"] } },
      schema: {
        summary: "Add a supply point",
        tags: ["Supply points"],
        body: ref(NewSupplyPoint),
        response: { 201: ref(SupplyPoint) },
      },
    },
    async (request, reply) => {
      const { scope } = viewerOf(request);
      const { body } = request;
      const building = found(await findBuilding(pool, scope, idOf(request)));
      const code = cleanCode(body.code ?? null, building.country, body.carrier);
      const unitId =
        body.unitId === undefined || body.unitId === null ? null : identifierIn(body.unitId, "/unitId");
      const created = await inTransaction(pool, async (client) => {
        const unit =
          unitId === null && body.scope === "private"
            ? await createUnit(client, scope, { buildingId: building.id, name: undefined, kind: "dwelling" })
            : undefined;
        return createSupplyPoint(client, scope, {
          buildingId: building.id,
          unitId: unit?.id ?? unitId,
          carrier: body.carrier,
          code,
          direction: body.direction ?? "import",
          scope: body.scope,
          connectionKva: body.connectionKva ?? null,
          vatRate: body.vatRate,
        });
      });
      if (created === undefined) throw invalid("/unitId", "is not a unit of this building");
      void reply.code(201);
      return presentSupplyPoint(created);
    },
  );

  app.get(
    "/v1/supply-points/:id",
    {
      config: { access: { roles: TENANTS, sees: ["supplyPoint", "id"] } },
      schema: { summary: "One supply point", tags: ["Supply points"], response: { 200: ref(SupplyPoint) } },
    },
    async (request) =>
      presentSupplyPoint(found(await findSupplyPoint(pool, viewerOf(request).scope, idOf(request)))),
  );

  app.patch(
    "/v1/supply-points/:id",
    {
      config: { access: { roles: KEEPERS, sees: ["supplyPoint", "id"] } },
      schema: {
        summary: "Change a supply point",
        tags: ["Supply points"],
        body: ref(SupplyPointPatch),
        response: { 200: ref(SupplyPoint) },
      },
    },
    async (request) => {
      const { scope } = viewerOf(request);
      const before = found(await findSupplyPoint(pool, scope, idOf(request)));
      const after = { ...before, ...request.body };
      const code = cleanCode(after.code, before.country, before.carrier);
      return presentSupplyPoint(found(await updateSupplyPoint(pool, scope, before.id, { ...after, code })));
    },
  );
}

export function contractRoutes(app: Api, { pool }: Services): void {
  app.get(
    "/v1/supply-points/:id/contract",
    {
      config: { access: { roles: TENANTS, sees: ["supplyPoint", "id"] } },
      schema: {
        summary: "The contract in force today; else the next to begin; else the last that ended",
        tags: ["Supply points"],
        response: { 200: ref(Contract) },
      },
    },
    async (request) =>
      presentContract(found(await findContract(pool, viewerOf(request).scope, idOf(request)))),
  );

  app.put(
    "/v1/supply-points/:id/contract",
    {
      config: { access: { roles: TENANTS, sees: ["supplyPoint", "id"] } },
      schema: {
        summary: "Record a contract, or correct the one that starts on the same day",
        description:
          "A contract that a tender brought stays as it was awarded: `state_forbidden`, reason `contract_awarded`. What follows it is a contract with another start.",
        tags: ["Supply points"],
        body: ref(NewContract),
        response: { 200: ref(Contract) },
      },
    },
    async (request) => {
      const { scope } = viewerOf(request);
      const { body } = request;
      const supplyPoint = found(await findSupplyPoint(pool, scope, idOf(request)));
      if (scope.role === "resident" && supplyPoint.scope === "common") {
        throw new KoproError("forbidden", "A resident records the contract of his own unit only.");
      }
      const stored = await putContract(pool, scope, {
        supplyPointId: supplyPoint.id,
        supplier: body.supplier,
        priceNanoPerKwh: rateIn(body.pricePerKwh, "/pricePerKwh"),
        annualFeeMicro: moneyIn(body.annualFee, "/annualFee"),
        currency: body.currency,
        vat: body.vat,
        startsOn: body.start,
        endsOn: body.end ?? null,
        noticeDays: body.noticeDays,
        greenMillionths: body.greenShare == null ? null : millionthsIn(body.greenShare),
      });
      if (stored === "awarded") throw contractAwarded(body.start);
      return presentContract(found(stored));
    },
  );
}

function contractAwarded(start: string): KoproError {
  return new KoproError(
    "state_forbidden",
    `The contract that starts on ${start} was awarded by a tender and stays as it is. If another one follows, record a later contract with another start.`,
    { extra: { reason: "contract_awarded" } },
  );
}

const WithdrawalQuery = query({ purpose: Type.Optional(oneOf(PURPOSES)) });

export function consentRoutes(app: Api, { pool }: Services): void {
  app.get(
    "/v1/supply-points/:id/consents",
    {
      config: { access: { roles: TENANTS, sees: ["supplyPoint", "id"] } },
      schema: {
        summary: "The consent ledger of a supply point",
        tags: ["Consents"],
        querystring: query(PAGE),
        response: { 200: ref(ConsentList) },
      },
    },
    async (request) =>
      listed(
        await listConsents(pool, viewerOf(request).scope, idOf(request), pageRequest(request.query)),
        presentConsent,
      ),
  );

  app.post(
    "/v1/supply-points/:id/consents",
    {
      config: { access: { roles: TENANTS, sees: ["supplyPoint", "id"] } },
      schema: {
        summary: "Record a consent",
        description:
          "A manager decides over the common parts, a resident over the own unit; admin and coordinator keep the ledger for those who sign on paper. What a manager or resident has withdrawn for a purpose, only such a one gives again (`forbidden`), and no consent begins before that withdrawal.",
        tags: ["Consents"],
        body: ref(NewConsent),
        response: { 201: ref(Consent) },
      },
    },
    async (request, reply) => {
      const { purpose, from, until, evidence } = request.body;
      const given = await giveConsent(pool, viewerOf(request).scope, {
        supplyPointId: idOf(request),
        purpose,
        startsAtMs: instantIn(from, "/from"),
        endsAtMs: until === undefined || until === null ? null : instantIn(until, "/until"),
        evidence,
      });
      if ("refused" in given) throw consentFault(given);
      void reply.code(201);
      return presentConsent(given);
    },
  );

  app.delete(
    "/v1/supply-points/:id/consents",
    {
      config: { access: { roles: TENANTS, sees: ["supplyPoint", "id"] } },
      schema: {
        summary: "Withdraw every consent of a supply point, or those for one purpose",
        tags: ["Consents"],
        querystring: WithdrawalQuery,
        response: { 204: Nothing },
      },
    },
    async (request, reply) => {
      const which = { purpose: request.query.purpose };
      const withdrawn = await withdrawConsents(pool, viewerOf(request).scope, idOf(request), which);
      if (withdrawn === undefined) throw notTheirs();
      return reply.code(204).send(null);
    },
  );

  app.delete(
    "/v1/supply-points/:id/consents/:consentId",
    {
      config: { access: { roles: TENANTS, sees: ["supplyPoint", "id"] } },
      schema: { summary: "Withdraw one consent", tags: ["Consents"], response: { 204: Nothing } },
    },
    async (request, reply) => {
      const which = { id: idOf(request, "consentId") };
      const withdrawn = await withdrawConsents(pool, viewerOf(request).scope, idOf(request), which);
      if (withdrawn === undefined) throw notTheirs();
      if (withdrawn === 0) throw notFound();
      return reply.code(204).send(null);
    },
  );
}

function consentFault(refusal: ConsentRefusal): KoproError {
  if (refusal.refused === "not_theirs") return notTheirs();
  const { withdrawnAt } = refusal;
  if (refusal.refused === "before_withdrawal") {
    return invalid("/from", `lies before the withdrawal of ${withdrawnAt.toISOString()}`);
  }
  const who = refusal.by === "manager" ? "The manager" : "The resident";
  return new KoproError(
    "forbidden",
    `${who} withdrew this consent on ${withdrawnAt.toISOString()}: nobody gives it again in their place. Ask them to.`,
    { extra: { withdrawnAt: withdrawnAt.toISOString() } },
  );
}

function notTheirs(): KoproError {
  return new KoproError(
    "forbidden",
    "A resident decides over the own unit, a manager over the common parts.",
  );
}

function cleanCode(code: string | null, country: string, carrier: SupplyPointRow["carrier"]): string | null {
  if (code === null) return null;
  const clean = code.replaceAll(" ", "").toUpperCase();
  if (clean === "") throw invalid("/code", "is empty");
  const fault = codeFault(clean, country, carrier);
  if (fault !== undefined) throw invalid("/code", `${clean}: ${fault}`);
  return clean;
}

function presentSupplyPoint(row: SupplyPointRow) {
  return {
    id: String(row.id),
    buildingId: String(row.buildingId),
    carrier: row.carrier,
    code: row.code,
    direction: row.direction,
    scope: row.scope,
    unitId: row.unitId === null ? null : String(row.unitId),
    connectionKva: row.connectionKva,
    vatRate: row.vatRate,
  };
}

function presentContract(row: ContractRow) {
  return {
    supplyPointId: String(row.supplyPointId),
    supplier: row.supplier,
    pricePerKwh: showRate(row.priceNanoPerKwh),
    annualFee: showMoney(row.annualFeeMicro),
    currency: row.currency,
    vat: row.vat,
    start: row.startsOn,
    end: row.endsOn,
    noticeDays: row.noticeDays,
    greenShare: row.greenMillionths === null ? null : showShare(row.greenMillionths),
    tenderId: row.tenderId === null ? null : String(row.tenderId),
    recordedAt: row.recordedAt.toISOString(),
  };
}

function presentConsent(row: ConsentRow) {
  return {
    id: String(row.id),
    supplyPointId: String(row.supplyPointId),
    purpose: row.purpose,
    from: row.startsAt.toISOString(),
    until: row.endsAt?.toISOString() ?? null,
    evidence: row.evidence,
    givenBy: String(row.givenBy),
    recordedAt: row.recordedAt.toISOString(),
    withdrawnAt: row.withdrawnAt?.toISOString() ?? null,
  };
}
