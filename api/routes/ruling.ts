// What the rules decided about a register's steps, and what people rule instead.
import { Type } from "typebox";
import { countsOf, rulingChoices } from "#analytics";
import { KoproError } from "#devices/error";
import type { Role } from "#devices/vocabulary";
import {
  findDecisions,
  findRegister,
  findRulings,
  inTransaction,
  recordRuling,
  withdrawRuling,
  type DecisionRecord,
  type RulingRecord,
} from "#store";
import { found, idOf, notFound, viewerOf } from "../access.ts";
import { invalid, listed, pageRequest } from "../identifier.ts";
import { DecisionList, NewRuling, Nothing, PAGE, Ruling, RulingList, query, ref } from "../schemas/index.ts";
import type { Api, Services } from "../services.ts";
import { instantIn, spanOf } from "../span.ts";

const KEEPERS: readonly Role[] = ["admin", "coordinator"];
const READERS: readonly Role[] = ["admin", "coordinator", "manager"];
const DAYS_MAX = 3660;
/** Every day within a ruling is computed anew. */
const RULING_MS_MAX = 366 * 24 * 3600 * 1000;

const DecisionQuery = query({
  from: Type.String({ description: "RFC 3339 instant, or a UTC date." }),
  to: Type.String({ description: "Exclusive." }),
  ...PAGE,
});

export function rulingRoutes(app: Api, { pool }: Services): void {
  app.get(
    "/v1/registers/:id/decisions",
    {
      config: { access: { roles: READERS, measures: ["register", "id"] } },
      schema: {
        summary:
          "Every step of the index that is not plain consumption, and why it was taken for what it is, newest first",
        tags: ["Registers"],
        querystring: DecisionQuery,
        response: { 200: ref(DecisionList) },
      },
    },
    async (request) => {
      const { scope } = viewerOf(request);
      const register = found(await findRegister(pool, scope, idOf(request)));
      const span = spanOf(request.query, "UTC", DAYS_MAX);
      const { limit, after } = pageRequest(request.query);
      const rows = await findDecisions(pool, scope, register.id, span, { after, limit: limit + 1 });
      const page = { items: rows.slice(0, limit), next: rows.length > limit ? after + limit : undefined };
      return listed(page, (row) => presentDecision(row, register.unit));
    },
  );

  app.get(
    "/v1/registers/:id/rulings",
    {
      config: { access: { roles: READERS, measures: ["register", "id"] } },
      schema: {
        summary: "What people ruled about the register, and did not take back",
        tags: ["Registers"],
        response: { 200: ref(RulingList) },
      },
    },
    async (request) => {
      const rulings = await findRulings(pool, viewerOf(request).scope, idOf(request));
      return { items: rulings.map(presentRuling), nextCursor: null };
    },
  );

  app.post(
    "/v1/registers/:id/rulings",
    {
      config: { access: { roles: KEEPERS, measures: ["register", "id"] } },
      schema: {
        summary: "Overrule what was decided about a step or a reading; the profile is computed anew",
        description:
          "`from` and `to` are the two readings of the step; equal, they name one reading (`ok`, `glitch`) or, with both indices, the instant of a swap. The same said twice is one ruling. No ruling books negative energy.",
        tags: ["Registers"],
        body: ref(NewRuling),
        response: { 200: ref(Ruling), 201: ref(Ruling) },
      },
    },
    async (request, reply) => {
      const { scope } = viewerOf(request);
      const { body } = request;
      const register = found(await findRegister(pool, scope, idOf(request)));
      if (register.kind !== "cumulative" || !["energy", "volume"].includes(register.quantity)) {
        throw refused(
          "register_without_profile",
          "Only an index of energy or volume has steps to rule upon.",
        );
      }
      const fromMs = instantIn(body.from, "/from");
      const toMs = instantIn(body.to, "/to");
      if (toMs < fromMs) throw invalid("/to", "must not come before from");
      if (toMs - fromMs > RULING_MS_MAX) throw invalid("/to", "is more than a year after from");
      if (toMs > scope.atMs) throw invalid("/to", "lies ahead");
      const { closingIndex = null, openingIndex = null } = body;
      if ((closingIndex === null) !== (openingIndex === null)) {
        throw invalid(closingIndex === null ? "/closingIndex" : "/openingIndex", "is missing: both or none");
      }
      const takesIndices = ["swap", "reset", "rollover"].includes(body.kind);
      if (closingIndex !== null && !takesIndices)
        throw invalid("/closingIndex", "belongs to a swap, a reset or a rollover");
      if (fromMs === toMs && takesIndices && (body.kind !== "swap" || closingIndex === null)) {
        throw invalid("/to", "must come after from; only a swap with both indices is at an instant");
      }
      if (fromMs === toMs && body.kind === "spike")
        throw invalid("/to", "must come after from; a reading is ok or a glitch");
      const { ruling, isNew } = await inTransaction(pool, async (client) => {
        const recorded = await recordRuling(client, {
          registerId: register.id,
          kind: body.kind,
          fromMs,
          toMs,
          closingIndex,
          openingIndex,
          reason: body.reason,
          accountId: scope.accountId,
          atMs: scope.atMs,
        });
        const [own] = await findRulings(client, scope, register.id, recorded.id);
        return { ruling: found(own), isNew: recorded.isNew };
      });
      void reply.code(isNew ? 201 : 200);
      return presentRuling(ruling);
    },
  );

  app.delete(
    "/v1/registers/:id/rulings/:rulingId",
    {
      config: { access: { roles: KEEPERS, measures: ["register", "id"] } },
      schema: {
        summary: "Take a ruling back: the rules decide again",
        tags: ["Registers"],
        response: { 204: Nothing },
      },
    },
    async (request, reply) => {
      const { scope } = viewerOf(request);
      const outcome = await inTransaction(pool, (client) =>
        withdrawRuling(client, idOf(request), idOf(request, "rulingId"), scope),
      );
      if (outcome === "unknown") throw notFound();
      if (outcome === "of_swap") {
        throw refused(
          "ruling_of_swap",
          "This belongs to a swap of two registers; take the swap back instead.",
        );
      }
      return reply.code(204).send(null);
    },
  );
}

/** 409 with a reason that a program can tell apart. */
export function refused(reason: string, detail: string, about: object = {}): KoproError {
  return new KoproError("state_forbidden", detail, { extra: { reason, ...about } });
}

function presentDecision(row: DecisionRecord, unit: string) {
  const decided = { ...row, fromMs: row.fromAt.getTime(), toMs: row.toAt.getTime() };
  return {
    from: row.fromAt.toISOString(),
    to: row.toAt.toISOString(),
    kind: row.kind,
    fromIndex: row.fromIndex,
    toIndex: row.toIndex,
    unit,
    counts: countsOf(decided, unit),
    choices: rulingChoices(decided, unit).map(({ fromMs, toMs, ...choice }) => ({
      ...choice,
      from: new Date(fromMs).toISOString(),
      to: new Date(toMs).toISOString(),
    })),
    rulingId: row.rulingId === null ? null : String(row.rulingId),
    evidence: { ...row.evidence },
    decidedAt: row.decidedAt.toISOString(),
  };
}

function presentRuling(row: RulingRecord) {
  return {
    id: String(row.id),
    kind: row.kind,
    from: row.fromAt.toISOString(),
    to: row.toAt.toISOString(),
    closingIndex: row.closingIndex,
    openingIndex: row.openingIndex,
    reason: row.reason,
    ruledBy: row.ruledBy,
    ruledAt: row.ruledAt.toISOString(),
  };
}
