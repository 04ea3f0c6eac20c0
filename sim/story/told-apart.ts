// Local time without a zone: of the hour that autumn repeats, which of the two a message means is told by its arrival alone. Pure.
import { MINUTE_MS } from "#devices/time";
import type { Delivery } from "./story.ts";

/** A device's clock may be ahead by so much, and the rest of the way take so long. */
const SLACK_MS = 5 * MINUTE_MS;

/** Whether who receives it when it leaves, or a little later, can tell: the later hour is meant as soon as it may have been. */
export function isToldApart({ leavesAtMs, tells }: Delivery, timezone: string): boolean {
  return tells.every(({ observedAtMs }) => {
    const local = Temporal.Instant.fromEpochMilliseconds(observedAtMs)
      .toZonedDateTimeISO(timezone)
      .toPlainDateTime();
    const laterMs = local.toZonedDateTime(timezone, { disambiguation: "later" }).epochMilliseconds;
    if (observedAtMs < laterMs) return leavesAtMs + SLACK_MS < laterMs - SLACK_MS;
    const earlierMs = local.toZonedDateTime(timezone, { disambiguation: "earlier" }).epochMilliseconds;
    return earlierMs === laterMs || leavesAtMs + SLACK_MS >= laterMs;
  });
}
