// Enrolment: opening it, joining in one click when the conditions hold, leaving until publication, withdrawing after.
import { KoproError } from "#devices/error";
import {
  endParticipation,
  insertParticipant,
  mayBeOfTender,
  presentParticipants,
  type Scope,
  type TenderRow,
} from "#store";
import { conditionsOf, shownMissing } from "./conditions.ts";
import type { Desk, MissingCondition } from "./desk.ts";
import { recordEvaluation } from "./evaluate-tender.ts";
import { seenMissing } from "./seen-missing.ts";
import { JOINERS, RUNNERS, tenderAfter, type TenderStep } from "./tender-step.ts";

export function enrolTender(desk: Desk, scope: Scope, id: number): Promise<TenderRow> {
  return tenderAfter(desk, scope, id, RUNNERS, (step) => step.record("enrol", {}));
}

/** @throws KoproError `consent_missing` or `conditions_missing` with all that is missing; `already_exists` when it takes part. */
export function joinTender(desk: Desk, scope: Scope, id: number, buildingId: number): Promise<TenderRow> {
  return tenderAfter(desk, scope, id, JOINERS, async (step) => {
    await mustBeItsBuilding(step, scope, buildingId);
    step.mustAllow("join");
    if ((await presentParticipants(step.client, id)).includes(buildingId)) {
      throw new KoproError("already_exists", `Building ${buildingId} takes part in tender ${id} already.`);
    }
    const conditions = await conditionsOf(step.client, scope, step.tender, [buildingId]);
    const missing = conditions.get(buildingId)?.missing ?? [];
    if (missing.length > 0) {
      throw joinRefused(buildingId, await seenMissing(step.client, scope, missing));
    }
    const otherId = await insertParticipant(step.client, {
      tenderId: id,
      buildingId,
      carrier: step.tender.carrier,
      joinedAt: step.at,
      joinedBy: scope.accountId,
    });
    // It joined another one between our look and our write.
    if (otherId !== undefined)
      throw joinRefused(buildingId, [{ code: "in_other_tender", tenderId: otherId }]);
    await step.record("join", { buildingId: String(buildingId) });
  });
}

export function leaveTender(desk: Desk, scope: Scope, id: number, buildingId: number): Promise<TenderRow> {
  return tenderAfter(desk, scope, id, JOINERS, async (step) => {
    await mustBeItsBuilding(step, scope, buildingId);
    step.mustAllow("leave");
    await end(step, scope, buildingId);
    await step.record("leave", { buildingId: String(buildingId) });
  });
}

/**
 * Nobody is held: also when too few remain, or the bids are open. What was evaluated with the building is evaluated again
 * without it, in the same transaction.
 */
export function withdrawFromTender(
  desk: Desk,
  scope: Scope,
  id: number,
  buildingId: number,
  reason: string,
): Promise<TenderRow> {
  return tenderAfter(desk, scope, id, JOINERS, async (step) => {
    await mustBeItsBuilding(step, scope, buildingId);
    step.mustAllow("withdraw", reason);
    const evaluated = step.state === "evaluated";
    await end(step, scope, buildingId);
    await step.record("withdraw", { buildingId: String(buildingId) }, reason);
    if (evaluated) await recordEvaluation(step);
  });
}

async function end(step: TenderStep, scope: Scope, buildingId: number): Promise<void> {
  const { id } = step.tender;
  const leaving = { tenderId: id, buildingId, leftAt: step.at, leftBy: scope.accountId };
  if (await endParticipation(step.client, leaving)) return;
  throw new KoproError("not_found", `Building ${buildingId} does not take part in tender ${id}.`);
}

async function mustBeItsBuilding(step: TenderStep, scope: Scope, buildingId: number): Promise<void> {
  if (await mayBeOfTender(step.client, scope, step.tender.id, buildingId)) return;
  throw new KoproError(
    "not_found",
    `There is no building ${buildingId} that you may bring into this tender.`,
  );
}

function joinRefused(buildingId: number, missing: readonly MissingCondition[]): KoproError {
  const consent = missing.some(({ code }) => code === "consent_missing");
  return new KoproError(
    consent ? "consent_missing" : "conditions_missing",
    `Building ${buildingId} cannot join yet: ${missing.map(({ code }) => code).join(", ")}.`,
    { extra: { missing: shownMissing(missing) } },
  );
}
