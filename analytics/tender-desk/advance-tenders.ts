// The clock's own step: an awarded tender whose delivery has begun is in force.
import {
  inTransaction,
  lastTenderEvent,
  lockTenderForClock,
  releaseParticipants,
  tendersToAdvance,
  type LockedTender,
} from "#store";
import type { Desk } from "./desk.ts";
import { TenderStep } from "./tender-step.ts";

/** Returns how many came into force. Idempotent: another copy, or the award itself, may have done it before. */
export async function advanceTenders(desk: Pick<Desk, "pool" | "time">): Promise<number> {
  const atMs = desk.time.now();
  const ids = await inTransaction(desk.pool, (client) => tendersToAdvance(client, atMs));
  let advanced = 0;
  for (const id of ids) {
    const done = await inTransaction(desk.pool, async (client) => {
      const tender = await lockTenderForClock(client, id);
      if (tender === undefined || tender.state !== "awarded") return false;
      const last = await lastTenderEvent(client, id);
      return enterIntoForce(new TenderStep(client, tender, last, { atMs, accountId: null }));
    });
    if (done) advanced++;
  }
  return advanced;
}

/** Whether its time has come; its buildings may then join another tender. */
export async function enterIntoForce(step: TenderStep): Promise<boolean> {
  if (!hasBegun(step.tender, step.atMs)) return false;
  await step.record("enter_into_force", {});
  await releaseParticipants(step.client, step.tender.id);
  return true;
}

function hasBegun({ deliveryStartsOn, timezone }: LockedTender, atMs: number): boolean {
  const today = Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(timezone).toPlainDate();
  return Temporal.PlainDate.compare(deliveryStartsOn, today) <= 0;
}
