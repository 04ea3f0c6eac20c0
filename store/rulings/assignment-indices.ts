// The indices at the ends of assignments, as the profile hears of them: a ruling at each instant that has any.
//
//   … assignment ──closing index│opening index── assignment …     one register, one ruling `swap` at the instant
//
// They change the profile as a swap does: the quarter-hour of the instant is complete, and a step between the two indices is named.
import type { Scope } from "../directory/scope.ts";
import type { Db } from "../pool.ts";
import { indexContradiction, type EdgeIndex, type IndexContradiction } from "./index-contradiction.ts";
import { isSameIndex, listRulings, recordRuling, withdrawRulings } from "./rulings.ts";

export type IndicesRefusal = IndexContradiction | "register_without_profile" | "indices_of_swap";

const REASON = "Index at the end or the beginning of an assignment.";

type Told = {
  readonly deviceId: number;
  readonly unit: string;
  readonly hasProfile: boolean;
  readonly closingIndex: string | null;
  readonly openingIndex: string | null;
  readonly ofSwap: boolean;
};

/**
 * Within the caller's transaction, which undoes the assignments too if this refuses: rules what the assignments say now about the
 * instant at which one of the register's ends or begins, in place of what was ruled of it before.
 */
export async function ruleAssignmentIndices(
  db: Db,
  scope: Scope,
  registerId: number,
  atMs: number,
): Promise<IndicesRefusal | undefined> {
  const { rows } = await db.query<Told>(
    `select
      r.device_id as "deviceId",
      r.unit,
      r.kind = 'cumulative' and r.quantity in ('energy', 'volume') as "hasProfile",
      (select closing_index::text from register_assignment where register_id = r.id and ends_at = $2) as "closingIndex",
      (select opening_index::text from register_assignment where register_id = r.id and starts_at = $2) as "openingIndex",
      exists (
        select 1
        from meter_swap s
        join register_ruling u on u.id in (s.closing_ruling_id, s.opening_ruling_id) and u.withdrawn_at is null
        where u.register_id = r.id
          and s.swapped_at >= $2
          and s.swapped_at < $2::timestamptz + interval '15 minutes'
      ) as "ofSwap"
    from register r
    where r.id = $1`,
    [registerId, new Date(atMs)],
  );
  const [told] = rows;
  if (told === undefined || !told.hasProfile) return "register_without_profile";
  if (told.ofSwap) return "indices_of_swap";
  const { closingIndex, openingIndex } = told;
  const edge = (index: string | null): EdgeIndex | undefined =>
    index === null ? undefined : { deviceId: told.deviceId, registerId, unit: told.unit, index };
  const edges = { closing: edge(closingIndex), opening: edge(openingIndex) };
  const refusal = await indexContradiction(db, atMs, edges);
  if (refusal !== undefined) return refusal;
  const ruled = (await listRulings(db, [registerId])).filter(
    (one) =>
      one.fromMs === atMs && one.toMs === atMs && (one.closingIndex !== null || one.openingIndex !== null),
  );
  const isSaid = ({
    closingIndex: closing,
    openingIndex: opening,
  }: Pick<Told, "closingIndex" | "openingIndex">) =>
    isSameIndex(closing, closingIndex) && isSameIndex(opening, openingIndex);
  await withdrawRulings(
    db,
    ruled.filter((one) => !isSaid(one)).map(({ id }) => id),
    scope,
  );
  if ((closingIndex === null && openingIndex === null) || ruled.some(isSaid)) return undefined;
  await recordRuling(db, {
    registerId,
    kind: "swap",
    fromMs: atMs,
    toMs: atMs,
    closingIndex,
    openingIndex,
    reason: REASON,
    accountId: scope.accountId,
    atMs: scope.atMs,
  });
  return undefined;
}
