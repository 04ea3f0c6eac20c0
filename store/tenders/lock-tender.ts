// A tender's row, locked: every step begins here, so steps of one tender happen one after another.
import { scoped, type Scope } from "../directory/scope.ts";
import type { PoolClient } from "../pool.ts";
import type { TenderRow } from "./tender.ts";

export type LockedTender = Pick<
  TenderRow,
  | "id"
  | "organisationId"
  | "carrier"
  | "regions"
  | "timezone"
  | "currency"
  | "deliveryStartsOn"
  | "termMonths"
  | "minimumCohort"
  | "bidDeadline"
  | "state"
>;

const COLUMNS = `
  t.id, t.organisation_id as "organisationId", t.carrier, t.regions, t.timezone, t.currency,
  t.delivery_starts_on as "deliveryStartsOn", t.term_months as "termMonths", t.minimum_cohort as "minimumCohort",
  t.bid_deadline as "bidDeadline", t.state`;

/** `undefined` when the viewer does not see it. The state is that after whoever held the lock before. */
export async function lockTender(
  client: PoolClient,
  scope: Scope,
  id: number,
): Promise<LockedTender | undefined> {
  const [row] = await scoped<LockedTender>(
    client,
    scope,
    `
    select ${COLUMNS}
    from tender t
    where t.id = $2
      and exists (select 1 from seen_tender s where s.id = t.id)
    for no key update of t`,
    [id],
  );
  return row;
}

/** Awarded ones whose delivery has begun at this instant, by the clock of their zone. */
export async function tendersToAdvance(client: PoolClient, atMs: number): Promise<number[]> {
  const { rows } = await client.query<{ id: number }>(
    `select id
    from tender
    where state = 'awarded'
      and delivery_starts_on <= ($1::timestamptz at time zone timezone)::date
    order by id`,
    [new Date(atMs)],
  );
  return rows.map((row) => row.id);
}

/** For the clock, which is nobody and sees everything. */
export async function lockTenderForClock(client: PoolClient, id: number): Promise<LockedTender | undefined> {
  const { rows } = await client.query<LockedTender>(
    `select ${COLUMNS} from tender t where t.id = $1 for no key update`,
    [id],
  );
  return rows[0];
}

export type TenderInput = Omit<LockedTender, "id" | "organisationId" | "state"> & {
  readonly name: string;
  readonly createdAt: Date;
};

/** A draft of the viewer's organisation; its row is the transaction's own until the commit. */
export async function insertTender(
  client: PoolClient,
  scope: Scope,
  tender: TenderInput,
): Promise<number | undefined> {
  const [row] = await scoped<{ id: number }>(
    client,
    scope,
    `
    insert into tender (
      organisation_id, name, carrier, regions, timezone, currency, delivery_starts_on, term_months, minimum_cohort,
      bid_deadline, created_by, created_at
    )
    select v.organisation_id, $2, $3, $4, $5, $6, $7::date, $8, $9, $10, v.account_id, $11
    from viewer v
    where v.role in ('admin', 'coordinator')
    returning id`,
    [
      tender.name,
      tender.carrier,
      tender.regions,
      tender.timezone,
      tender.currency,
      tender.deliveryStartsOn,
      tender.termMonths,
      tender.minimumCohort,
      tender.bidDeadline,
      tender.createdAt,
    ],
  );
  return row?.id;
}

/** From now on bids may be read. The caller holds the lock. */
export async function markOpened(client: PoolClient, id: number, openedAt: Date): Promise<void> {
  await client.query("update tender set opened_at = $2 where id = $1", [id, openedAt]);
}

/** First key of the advisory locks on a carrier's publications: no other use of advisory locks may take it. */
const PUBLICATION_SPACE = 0x7e4d;

/** Two publications of one carrier that are judged at once would not see each other: until the commit there is one. */
export async function lockPublications(client: PoolClient, carrier: string): Promise<void> {
  await client.query("select pg_advisory_xact_lock($1, hashtext($2))", [PUBLICATION_SPACE, carrier]);
}
