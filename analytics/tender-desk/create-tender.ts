// A coordinator writes a call: as a draft, or with enrolment open at once.
import { DAY_MS } from "#devices/time";
import { inTransaction, insertTender, lockTender, type Scope, type TenderRow } from "#store";
import type { Desk, NewTender } from "./desk.ts";
import { mustBeOf, RUNNERS, tenderNotFound, tenderSeen, TenderStep } from "./tender-step.ts";
import { invalidTender, tenderZone } from "./tender-zone.ts";

/** Before it there is no reading either. */
const EARLIEST_START = "2000-01-01";
const DELIVERY_AHEAD_MAX_MS = 3653 * DAY_MS;

/** @throws KoproError `forbidden`; `request_invalid` with the member at fault. */
export async function createTender(desk: Desk, scope: Scope, input: NewTender): Promise<TenderRow> {
  mustBeOf(scope, RUNNERS);
  const atMs = desk.time.now();
  const minimumCohort = input.minimumCohort ?? desk.cohortMin;
  const timezone = tenderZone(input.regions);
  if (minimumCohort < desk.cohortMin) {
    throw invalidTender("/minimumCohort", `must be at least ${desk.cohortMin} here`);
  }
  const latestStart = new Date(atMs + DELIVERY_AHEAD_MAX_MS).toISOString().slice(0, 10);
  if (input.deliveryStartsOn < EARLIEST_START || input.deliveryStartsOn > latestStart) {
    throw invalidTender("/deliveryStart", `must be between ${EARLIEST_START} and ${latestStart}`);
  }
  if (input.bidDeadlineMs <= atMs) throw invalidTender("/bidDeadline", "must be in the future");
  const id = await inTransaction(desk.pool, async (client) => {
    const { draft, bidDeadlineMs, ...call } = input;
    const created = await insertTender(client, scope, {
      ...call,
      minimumCohort,
      timezone,
      bidDeadline: new Date(bidDeadlineMs),
      createdAt: new Date(atMs),
    });
    const tender = created === undefined ? undefined : await lockTender(client, scope, created);
    if (tender === undefined) throw tenderNotFound(created ?? 0);
    const step = new TenderStep(client, tender, undefined, { atMs, accountId: scope.accountId });
    if (!draft) await step.record("enrol", {});
    return tender.id;
  });
  return tenderSeen(desk, scope, id);
}
