// The consent ledger: rows are only added or withdrawn.
import type { Purpose } from "#devices/vocabulary";
import type { Db } from "../pool.ts";
import { pageOf, scoped, type Page, type PageRequest, type Scope } from "./scope.ts";

export type Consent = {
  readonly id: number;
  readonly supplyPointId: number;
  readonly purpose: Purpose;
  readonly startsAt: Date;
  readonly endsAt: Date | null;
  readonly evidence: string;
  readonly givenBy: number;
  readonly recordedAt: Date;
  readonly withdrawnAt: Date | null;
};

const COLUMNS = `
  c.id, c.supply_point_id as "supplyPointId", c.purpose, c.starts_at as "startsAt", c.ends_at as "endsAt", c.evidence,
  c.given_by as "givenBy", c.recorded_at as "recordedAt", c.withdrawn_at as "withdrawnAt"`;

/** Whoever decides over a supply point: a resident over his own, a manager over the common parts, else who keeps the ledger. */
const DECIDES = `
  and (
    v.role in ('admin', 'coordinator')
    or (v.role = 'resident' and p.scope = 'private')
    or (v.role = 'manager' and p.scope = 'common')
  )`;

export async function listConsents(
  db: Db,
  scope: Scope,
  supplyPointId: number,
  page: PageRequest,
): Promise<Page<Consent>> {
  const rows = await scoped<Consent>(
    db,
    scope,
    `
    select ${COLUMNS}
    from consent c
    join seen_supply_point s on s.id = c.supply_point_id
    where c.supply_point_id = $2
      and c.id > $3
    order by c.id
    limit $4`,
    [supplyPointId, page.after, page.limit + 1],
  );
  return pageOf(rows, page.limit);
}

/** No row comes back when the viewer does not decide over the supply point. */
export async function giveConsent(
  db: Db,
  scope: Scope,
  consent: {
    supplyPointId: number;
    purpose: Purpose;
    startsAtMs: number;
    endsAtMs: number | null;
    evidence: string;
  },
): Promise<Consent | undefined> {
  const [row] = await scoped<Consent>(
    db,
    scope,
    `
    insert into consent as c (supply_point_id, purpose, starts_at, ends_at, evidence, given_by, recorded_at)
    select s.id, $3, $4, $5, $6, v.account_id, v.at
    from seen_supply_point s
    join supply_point p on p.id = s.id
    cross join viewer v
    where s.id = $2 ${DECIDES}
    returning ${COLUMNS}`,
    [
      consent.supplyPointId,
      consent.purpose,
      new Date(consent.startsAtMs),
      consent.endsAtMs === null ? null : new Date(consent.endsAtMs),
      consent.evidence,
    ],
  );
  return row;
}

/**
 * Withdraws one consent, or all of a purpose, or all; what was withdrawn before stays as it was. Returns how many were
 * withdrawn, or `undefined` when the viewer does not decide over the supply point.
 */
export async function withdrawConsents(
  db: Db,
  scope: Scope,
  supplyPointId: number,
  which: { id?: number | undefined; purpose?: Purpose | undefined },
): Promise<number | undefined> {
  const [row] = await scoped<{ decides: boolean; withdrawn: number }>(
    db,
    scope,
    `,
    decided as (
      select s.id, v.account_id, v.at
      from seen_supply_point s
      join supply_point p on p.id = s.id
      cross join viewer v
      where s.id = $2 ${DECIDES}
    ),
    withdrawn as (
      update consent c
      set withdrawn_at = d.at, withdrawn_by = d.account_id
      from decided d
      where c.supply_point_id = d.id
        and c.withdrawn_at is null
        and ($3::integer is null or c.id = $3)
        and ($4::text is null or c.purpose = $4)
      returning c.id
    )
    select
      exists (select 1 from decided) as decides,
      (select count(*)::integer from withdrawn) as withdrawn`,
    [supplyPointId, which.id ?? null, which.purpose ?? null],
  );
  return row?.decides === true ? row.withdrawn : undefined;
}
