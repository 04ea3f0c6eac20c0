// From the values of one register as received to its profile, and to what was decided on the way.
import type { Decimal } from "#devices/decimal";
import type { Carrier } from "#devices/vocabulary";
import { decisionsOf, type Decision, type RefusedValue } from "./decisions.ts";
import { indexClaim, settleReadings, type IndexClaim } from "./index-reading.ts";
import { profileWindow, type ProfileWindow } from "./profile-window.ts";
import { effectiveRulings, isRuledIn, isRuledOut, type Ruling } from "./rulings.ts";
import { sentinelOf } from "./sentinels.ts";
import { stepRules, type BoundedRegister, type StepRules } from "./step-rules.ts";
import type { SlipEdge } from "./unit-slips.ts";

/** What some message gave for an instant, as received. Order and repeats: any. */
export type RegisterValue = { readonly atMs: number; readonly clock: number; readonly value: Decimal };

export type Profile = {
  readonly window: ProfileWindow;
  readonly decisions: readonly Decision[];
  readonly rules: StepRules;
};

/**
 * `values` reach beyond the span as `profileWindow` asks; those that `isReading` does not count do not count there either. `known`:
 * the register's slips of unit as other spans found them.
 */
export function profileOf(
  values: readonly RegisterValue[],
  register: BoundedRegister,
  rulings: readonly Ruling[],
  span: { readonly fromMs: number; readonly toMs: number },
  known: readonly SlipEdge[] = [],
): Profile {
  const effective = effectiveRulings(rulings);
  const claims: IndexClaim[] = [];
  const refused: RefusedValue[] = [];
  for (const { atMs, clock, value } of values) {
    const claim = indexClaim(atMs, clock, value, register.unit);
    const sentinel = sentinelOf(value, register.carrier);
    const ruling = effective.length === 0 ? undefined : isRuledOut(atMs, effective);
    if (claim === undefined) refused.push({ atMs, value, why: "beyond any index" });
    else if (ruling !== undefined) refused.push({ atMs, value, why: "ruling", ruling });
    else if (sentinel !== undefined && isRuledIn(atMs, effective) === undefined) {
      refused.push({ atMs, value, why: sentinel });
    } else claims.push(claim);
  }
  const rules = stepRules(register);
  const window = profileWindow(settleReadings(claims), span, rules, effective, known);
  const decisions = decisionsOf(window, span, refused, effective, register.unit, rules);
  return { window, decisions, rules };
}

/** Whether the value is a reading of its index: it is none where it is a sentinel or a person ruled it out. */
export function isReading(
  { atMs, value }: Pick<RegisterValue, "atMs" | "value">,
  register: { readonly unit: string; readonly carrier: Carrier | null },
  effective: readonly Ruling[],
): boolean {
  if (indexClaim(atMs, 0, value, register.unit) === undefined) return false;
  if (isRuledOut(atMs, effective) !== undefined) return false;
  return sentinelOf(value, register.carrier) === undefined || isRuledIn(atMs, effective) !== undefined;
}
