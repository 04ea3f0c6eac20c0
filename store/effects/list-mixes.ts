// What contracts certify of their energy, for CO₂: who asks for it gets no price with it.
import { scoped, type Scope } from "../directory/scope.ts";
import { sqlText, type Db } from "../pool.ts";

export type MixRow = {
  readonly supplyPointId: number;
  /** Civil dates; `endsOn` is the first day after it. */
  readonly startsOn: string;
  readonly endsOn: string | null;
  /** `null`: not known. */
  readonly greenMillionths: number | null;
};

const statement = sqlText(import.meta.url, "./list-mixes.sql");

/** Of those supply points whose load the viewer may see by itself; contracts that touch the civil dates [from, to). */
export function listMixes(
  db: Db,
  scope: Scope,
  supplyPointIds: readonly number[],
  period: { readonly from: string; readonly to: string },
): Promise<MixRow[]> {
  return scoped<MixRow>(db, scope, `\n${statement}`, [supplyPointIds, period.from, period.to]);
}
