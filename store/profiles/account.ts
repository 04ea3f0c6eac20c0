// What the account of a register is made from, and what is told beside it.
import { utcDay } from "#devices/time";
import { scoped, type Scope } from "../directory/scope.ts";
import { profileDays } from "../estimates/estimates.ts";
import type { ProfileTransaction } from "../pipeline-store.ts";
import type { Db } from "../pool.ts";
import { listRulings } from "../rulings/rulings.ts";
import { listUnitSlips } from "../rulings/decisions.ts";
import { indexValuesBeyond } from "./index-values.ts";
import { listUnallocated, type RegisterSpan, type Unallocated } from "./save-profile.ts";

export type AccountSource = Pick<
  ProfileTransaction,
  "profileDays" | "listUnallocated" | "indexValuesBeyond" | "listRulings" | "listUnitSlips"
> & {
  /** The energy of the pieces that overlap the span, whole. */
  readonly sumUnallocated: (span: RegisterSpan) => Promise<number>;
};

export function accountSource(db: Db): AccountSource {
  return {
    profileDays: (registerId, fromDay, toDay) => profileDays(db, registerId, fromDay, toDay),
    listUnallocated: (spans) => listUnallocated(db, spans),
    indexValuesBeyond: (needs) => indexValuesBeyond(db, needs),
    listRulings: (registerIds) => listRulings(db, registerIds),
    listUnitSlips: (spans) => listUnitSlips(db, spans),
    sumUnallocated: (span) => sumUnallocated(db, span),
  };
}

async function sumUnallocated(db: Db, { registerId, fromMs, toMs }: RegisterSpan): Promise<number> {
  const { rows } = await db.query<{ energy: number }>({
    name: "sum-unallocated",
    text: `select coalesce(sum(energy), 0)::float8 as energy
      from unallocated
      where register_id = $1 and from_at < $3 and to_at > $2`,
    values: [registerId, new Date(fromMs), new Date(toMs)],
  });
  return rows[0]?.energy ?? 0;
}

export type PieceRecord = Pick<Unallocated, "energy" | "cause"> & {
  readonly fromAt: Date;
  readonly toAt: Date;
};

/** The pieces that overlap the span, oldest first, after `after` of them. */
export async function findUnallocated(
  db: Db,
  scope: Scope,
  { registerId, fromMs, toMs }: RegisterSpan,
  page: { readonly after: number; readonly limit: number },
): Promise<PieceRecord[]> {
  return scoped<PieceRecord>(
    db,
    scope,
    `
    select u.from_at as "fromAt", u.to_at as "toAt", u.energy::float8 as energy, u.cause
    from unallocated u
    join seen_register seen on seen.id = u.register_id
    where u.register_id = $2
      and seen.measured
      and u.from_at < $4
      and u.to_at > $3
    order by u.from_at, u.cause
    offset $5
    limit $6`,
    [registerId, new Date(fromMs), new Date(toMs), page.after, page.limit],
  );
}

/** Whether a UTC day that the span touches waits in the journal, also where a worker has taken it and not committed. */
export async function isStale(db: Db, { registerId, fromMs, toMs }: RegisterSpan): Promise<boolean> {
  const { rows } = await db.query({
    name: "is-stale",
    text: `select
      from journal j
      cross join lateral unnest(j.register_ids, j.days) as p (register_id, day)
      where $1 = any (j.register_ids)
        and p.register_id = $1
        and p.day between $2::date and $3::date
      limit 1`,
    values: [registerId, utcDay(fromMs), utcDay(toMs)],
  });
  return rows.length > 0;
}
