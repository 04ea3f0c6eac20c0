// What became of a message that was read again: pure, so that no outcome is without words.
import type { QuarantinedMessage } from "../data/quarantine.ts";

/** `waits`: for somebody to mend its cause. `asked`: to be read in the background. `read`: it is readings now. */
export type MessageStanding = "waits" | "asked" | "read";

export function standingOf({
  replayedAt,
  replayRequestedAt,
}: Pick<QuarantinedMessage, "replayedAt" | "replayRequestedAt">): MessageStanding {
  if (replayedAt !== null) return "read";
  return replayRequestedAt === null ? "waits" : "asked";
}

/** `changed`: the reason is another one now, so the mending helped and something else is in the way. */
export type ReplayOutcome = "read" | "changed" | "same";

export function outcomeOf(
  before: Pick<QuarantinedMessage, "reason">,
  after: Pick<QuarantinedMessage, "reason" | "replayedAt" | "replayRequestedAt">,
): ReplayOutcome {
  if (standingOf(after) === "read") return "read";
  return before.reason === after.reason ? "same" : "changed";
}
