// Which client ids are the sessions of connectors: what they brought was on a broker of somebody else.
import type { Db } from "../pool.ts";

/** Of these, the ones that a connector has today; one whose address was changed since has another. */
export async function connectorClients(db: Db, clientIds: readonly string[]): Promise<ReadonlySet<string>> {
  if (clientIds.length === 0) return new Set();
  const { rows } = await db.query<{ client_id: string }>(
    "select client_id from connector where client_id = any($1::text[])",
    [clientIds],
  );
  return new Set(rows.map(({ client_id: clientId }) => clientId));
}
