// What a folded change says to people: why, and as what a value stands there. Pure.
import type { LoadChange } from "../data/meters.ts";
import type { MessageKey } from "../text/messages.ts";
import type { FoldedChange, QuarterStatus } from "./fold-changes.ts";

const CAUSE_TEXTS = {
  readings: "changes.readings",
  rule_changed: "changes.ruleChanged",
  ruling: "changes.ruling",
  estimate: "changes.estimate",
  import: "changes.import",
} as const satisfies Record<LoadChange["cause"], MessageKey>;

export const STATUS_TEXTS = {
  validated: "changes.validated",
  measured: "changes.statusMeasured",
  interpolated: "changes.interpolated",
  substituted: "changes.substituted",
  profiled: "changes.profiled",
  missing: "changes.missing",
} as const satisfies Record<QuarterStatus, MessageKey>;

const ESTIMATES: readonly QuarterStatus[] = ["interpolated", "substituted", "profiled"];

/** That something was measured where an estimate stood is what people want to know. */
export function causeKey({
  cause,
  beforeStatuses,
  afterStatuses,
}: Pick<FoldedChange, "cause" | "beforeStatuses" | "afterStatuses">): MessageKey {
  const wasEstimated = beforeStatuses.every((status) => ESTIMATES.includes(status));
  const isMeasured = afterStatuses.every((status) => status === "measured");
  return cause === "readings" && wasEstimated && isMeasured ? "changes.measured" : CAUSE_TEXTS[cause];
}
