// What keeps a building from taking part, told once for each kind however many supply points it concerns.
import type { MissingCondition } from "../data/tenders.ts";

export type MissingKind = {
  readonly code: MissingCondition["code"];
  /** Supply points concerned; 0 where it is about the building. */
  readonly points: number;
  /** The tenders in the way. */
  readonly tenderIds: readonly string[];
  readonly region: string | undefined;
  readonly currency: string | undefined;
  /** The worst of them: what is missing everywhere is there when it is there. */
  readonly measuredDays: number | undefined;
  readonly neededDays: number | undefined;
  readonly lastMeasuredDay: string | undefined;
};

/** In the order in which the API tells them. */
export function missingKinds(missing: readonly MissingCondition[]): MissingKind[] {
  return [...new Set(missing.map(({ code }) => code))].map((code) => {
    const same = missing.filter((one) => one.code === code);
    const days = same.flatMap(({ measuredDays }) => measuredDays ?? []);
    return {
      code,
      points: new Set(same.flatMap(({ supplyPointId }) => supplyPointId ?? [])).size,
      tenderIds: same.flatMap(({ tenderId }) => tenderId ?? []),
      region: same[0]?.region,
      currency: same[0]?.currency,
      measuredDays: days.length === 0 ? undefined : Math.min(...days),
      neededDays: same[0]?.neededDays,
      lastMeasuredDay: same.flatMap(({ lastMeasuredDay }) => lastMeasuredDay ?? []).sort()[0],
    };
  });
}
