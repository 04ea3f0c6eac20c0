// What is missing, as far as the viewer may know of the supply point that it is about.
import { knownSupplyPoints, type Db, type Scope } from "#store";
import type { MissingCondition } from "./desk.ts";

/**
 * Whoever looks after a building knows its common parts. Of somebody's private supply point he is told that something is missing,
 * once: not of which, nor what, which would be told of a dwelling.
 */
export async function seenMissing(
  db: Db,
  scope: Scope,
  missing: readonly MissingCondition[],
): Promise<MissingCondition[]> {
  const [shown = []] = await seenMissingOfEach(db, scope, [missing]);
  return shown;
}

/** One look-up for many buildings. */
export async function seenMissingOfEach(
  db: Db,
  scope: Scope,
  all: readonly (readonly MissingCondition[])[],
): Promise<MissingCondition[][]> {
  const ids = all.flat().flatMap((one) => ("supplyPointId" in one ? [one.supplyPointId] : []));
  const known = ids.length === 0 ? new Set<number>() : await knownSupplyPoints(db, scope, ids);
  return all.map((missing) => shownOf(missing, known));
}

function shownOf(missing: readonly MissingCondition[], known: ReadonlySet<number>): MissingCondition[] {
  const shown = missing.filter((one) => !("supplyPointId" in one) || known.has(one.supplyPointId));
  return shown.length === missing.length ? shown : [...shown, { code: "private_supply_point" }];
}
