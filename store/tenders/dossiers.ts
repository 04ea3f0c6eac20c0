// Published dossiers: what suppliers price, as it was frozen.
import { scoped, type Scope } from "../directory/scope.ts";
import type { Db, PoolClient } from "../pool.ts";
import type { DossierRow } from "./tender.ts";

export async function findDossier(db: Db, scope: Scope, tenderId: number): Promise<DossierRow | undefined> {
  const [row] = await scoped<DossierRow>(
    db,
    scope,
    `
    select d.tender_id as "tenderId", d.published_at as "publishedAt", d.hash, d.text, d.profile_csv as "profileCsv"
    from seen_tender seen
    join tender_dossier d on d.tender_id = seen.id
    where seen.id = $2`,
    [tenderId],
  );
  return row;
}

/** The caller holds the lock on the tender. */
export async function storeDossier(client: PoolClient, dossier: DossierRow): Promise<void> {
  await client.query(
    `with added as (
      insert into tender_dossier (tender_id, published_at, hash, text, profile_csv)
      values ($1, $2, $3, $4, $5)
    )
    update tender set published_at = $2 where id = $1`,
    [dossier.tenderId, dossier.publishedAt, dossier.hash, dossier.text, dossier.profileCsv],
  );
}
