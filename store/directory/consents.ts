// The consent ledger: rows are only added or withdrawn.
import type { Purpose } from "#devices/vocabulary";
import { inTransaction, type Db, type Pool, type PoolClient } from "../pool.ts";
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

export type NewConsent = {
  readonly supplyPointId: number;
  readonly purpose: Purpose;
  readonly startsAtMs: number;
  readonly endsAtMs: number | null;
  readonly evidence: string;
};

/** Why a consent was not recorded. */
export type ConsentRefusal =
  /** The viewer does not decide over the supply point. */
  | { readonly refused: "not_theirs" }
  /** Whoever decides withdrew it, and has not given it again: who keeps the ledger does not do so in his place. */
  | { readonly refused: "withdrawn"; readonly by: Decider; readonly withdrawnAt: Date }
  /** It would be in force before the last withdrawal, at a time of which the ledger says that it was not. */
  | { readonly refused: "before_withdrawal"; readonly withdrawnAt: Date };

type Decider = "manager" | "resident";

/** Records it, after every withdrawal that came first. */
export async function giveConsent(
  pool: Pool,
  scope: Scope,
  consent: NewConsent,
): Promise<Consent | ConsentRefusal> {
  return inTransaction(pool, async (client) => {
    await lockLedger(client, consent.supplyPointId);
    const last = await lastWithdrawal(client, scope, consent);
    if (last !== undefined && !last.isGivenSince && isKeeper(scope)) {
      return { refused: "withdrawn", by: last.by, withdrawnAt: last.withdrawnAt };
    }
    if (last !== undefined && consent.startsAtMs < last.withdrawnAt.getTime()) {
      return { refused: "before_withdrawal", withdrawnAt: last.withdrawnAt };
    }
    return (await insertConsent(client, scope, consent)) ?? { refused: "not_theirs" };
  });
}

function isKeeper({ role }: Scope): boolean {
  return role === "admin" || role === "coordinator";
}

/** Of two who write to one ledger at once, the second sees what the first wrote. */
async function lockLedger(client: PoolClient, supplyPointId: number): Promise<void> {
  await client.query("select from supply_point where id = $1 for no key update", [supplyPointId]);
}

type Withdrawal = { readonly withdrawnAt: Date; readonly by: Decider; readonly isGivenSince: boolean };

/**
 * The last withdrawal of a purpose by a manager or resident, whoever they are today. Given since: recorded after it, and not
 * withdrawn by such a one again. The first to record after it can only have been one who decides.
 */
async function lastWithdrawal(
  db: Db,
  scope: Scope,
  { supplyPointId, purpose }: Pick<NewConsent, "supplyPointId" | "purpose">,
): Promise<Withdrawal | undefined> {
  const [row] = await scoped<Withdrawal>(
    db,
    scope,
    `,
    ledger as (
      select c.recorded_at, c.withdrawn_at, c.withdrawn_as, c.withdrawn_as in ('manager', 'resident') is true as is_ended
      from consent c
      join seen_supply_point s on s.id = c.supply_point_id
      where c.supply_point_id = $2
        and c.purpose = $3
    )
    select
      l.withdrawn_at as "withdrawnAt",
      l.withdrawn_as as by,
      exists (select 1 from ledger g where g.recorded_at > l.withdrawn_at and not g.is_ended) as "isGivenSince"
    from ledger l
    where l.is_ended
    order by l.withdrawn_at desc
    limit 1`,
    [supplyPointId, purpose],
  );
  return row;
}

/** No row comes back when the viewer does not decide over the supply point. */
async function insertConsent(db: Db, scope: Scope, consent: NewConsent): Promise<Consent | undefined> {
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
  pool: Pool,
  scope: Scope,
  supplyPointId: number,
  which: { id?: number | undefined; purpose?: Purpose | undefined },
): Promise<number | undefined> {
  return inTransaction(pool, async (client) => {
    await lockLedger(client, supplyPointId);
    return withdrawIn(client, scope, supplyPointId, which);
  });
}

async function withdrawIn(
  client: PoolClient,
  scope: Scope,
  supplyPointId: number,
  which: { id?: number | undefined; purpose?: Purpose | undefined },
): Promise<number | undefined> {
  const [row] = await scoped<{ decides: boolean; withdrawn: number }>(
    client,
    scope,
    `,
    decided as (
      select s.id, v.account_id, v.role, v.at
      from seen_supply_point s
      join supply_point p on p.id = s.id
      cross join viewer v
      where s.id = $2 ${DECIDES}
    ),
    withdrawn as (
      update consent c
      set withdrawn_at = d.at, withdrawn_by = d.account_id, withdrawn_as = d.role
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
