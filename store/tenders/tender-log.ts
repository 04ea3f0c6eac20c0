// The log of a tender: its entries are read and added, never anything else.
import { scoped, type Scope } from "../directory/scope.ts";
import type { Db, PoolClient } from "../pool.ts";

/** One entry, `text` byte for byte what was hashed. */
export type TenderEventRow = {
  readonly sequence: number;
  readonly previousHash: string;
  readonly text: string;
  readonly hash: string;
};

const COLUMNS = `e.sequence, e.previous_hash as "previousHash", e.text, e.hash`;

/** In order; as far as the viewer may read (`seen_tender_event`): a beginning of the chain, or all of it. */
export function listTenderEvents(db: Db, scope: Scope, tenderId: number): Promise<TenderEventRow[]> {
  return scoped<TenderEventRow>(
    db,
    scope,
    `
    select ${COLUMNS}
    from seen_tender_event seen
    join tender_event e on e.tender_id = seen.tender_id and e.sequence = seen.sequence
    where e.tender_id = $2
    order by e.sequence`,
    [tenderId],
  );
}

/** The entry that the next one follows. The caller holds the lock on the tender. */
export async function lastTenderEvent(
  client: PoolClient,
  tenderId: number,
): Promise<TenderEventRow | undefined> {
  const { rows } = await client.query<TenderEventRow>(
    `select ${COLUMNS}
    from tender_event e
    where e.tender_id = $1
    order by e.sequence desc
    limit 1`,
    [tenderId],
  );
  return rows[0];
}

/** Keeps an entry and the state that it leads to. The caller holds the lock on the tender. */
export async function storeTenderEvent(
  client: PoolClient,
  tenderId: number,
  entry: TenderEventRow,
  state: string,
): Promise<void> {
  await client.query(
    `with added as (
      insert into tender_event (tender_id, sequence, previous_hash, text, hash)
      values ($1, $2, $3, $4, $5)
    )
    update tender set state = $6 where id = $1 and state <> $6`,
    [tenderId, entry.sequence, entry.previousHash, entry.text, entry.hash, state],
  );
}
