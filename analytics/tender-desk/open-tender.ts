// After the deadline the bids are opened and evaluated at once; before the award a tender may be cancelled.
import { markOpened, releaseParticipants, type Scope, type TenderRow } from "#store";
import type { Desk } from "./desk.ts";
import { recordEvaluation } from "./evaluate-tender.ts";
import { RUNNERS, stateForbidden, tenderAfter } from "./tender-step.ts";

export function openTender(desk: Desk, scope: Scope, id: number): Promise<TenderRow> {
  return tenderAfter(desk, scope, id, RUNNERS, async (step) => {
    step.mustAllow("open");
    if (step.atMs < step.tender.bidDeadline.getTime()) {
      throw stateForbidden(
        id,
        `opening before ${step.tender.bidDeadline.toISOString()}`,
        "deadline_not_reached",
      );
    }
    await markOpened(step.client, id, step.at);
    await step.record("open", {});
    await recordEvaluation(step);
  });
}

export function cancelTender(desk: Desk, scope: Scope, id: number, reason: string): Promise<TenderRow> {
  return tenderAfter(desk, scope, id, RUNNERS, async (step) => {
    await step.record("cancel", {}, reason);
    await releaseParticipants(step.client, id);
  });
}
