// What a finding of the validation rules says to people: what was seen, what to do about it, how grave it is. Pure.
import type { FindingGroup } from "../data/meters.ts";
import type { MessageKey } from "../text/messages.ts";

export type Severity = FindingGroup["severity"];
export type Rule = FindingGroup["rule"];

export const SEVERITY_TEXTS = {
  error: "findings.error",
  warning: "findings.warning",
  info: "findings.info",
} as const satisfies Record<Severity, MessageKey>;

/** What was seen, and what to do. */
export const RULE_TEXTS = {
  sum: ["findings.sum", "findings.sumDo"],
  duplicate: ["findings.duplicate", "findings.duplicateDo"],
  high: ["findings.high", "findings.highDo"],
  low: ["findings.low", "findings.lowDo"],
  spike: ["findings.spike", "findings.spikeDo"],
  unit_slip: ["findings.unitSlip", "findings.unitSlipDo"],
  negative: ["findings.negative", "findings.negativeDo"],
  zero: ["findings.zero", "findings.zeroDo"],
  inactive: ["findings.inactive", "findings.inactiveDo"],
  identical: ["findings.identical", "findings.identicalDo"],
  prolonged_estimation: ["findings.prolonged", "findings.prolongedDo"],
  missing: ["findings.missing", "findings.missingDo"],
} as const satisfies Record<Rule, readonly [MessageKey, MessageKey]>;

/** Those of which a step of a register may be the cause: what it left out, or counted. */
export const STEP_RULES: ReadonlySet<Rule> = new Set(["unit_slip", "sum", "missing"]);

export type PointFindings = { readonly supplyPointId: string; readonly groups: readonly FindingGroup[] };

/** Together what is about one supply point, in the order of the gravest of each. */
export function byPoint(groups: readonly FindingGroup[]): PointFindings[] {
  const points = new Map<string, FindingGroup[]>();
  for (const group of groups) {
    const own = points.get(group.supplyPointId);
    if (own === undefined) points.set(group.supplyPointId, [group]);
    else own.push(group);
  }
  return [...points].map(([supplyPointId, its]) => ({ supplyPointId, groups: its }));
}
