// The first administrator of an empty database.
import { inTransaction, type Pool } from "../pool.ts";

/**
 * Creates the association and its administrator when there is no administrator yet; an existing one is never touched, so a
 * changed variable cannot take over an account. Returns whether it did. Safe when two processes start at once.
 */
export async function createFirstAdministrator(
  pool: Pool,
  administrator: { email: string; passwordHash: () => Promise<string> },
): Promise<boolean> {
  return inTransaction(pool, async (client) => {
    await client.query("lock table account in share row exclusive mode");
    const { rowCount } = await client.query("select 1 from account where role = 'admin' limit 1");
    if (rowCount !== 0) return false;
    const { rows } = await client.query<{ id: number }>(
      `with found as (
         select id from organisation where kind = 'association' order by id limit 1
       ),
       added as (
         insert into organisation (name, kind)
         select 'Association', 'association'
         where not exists (select 1 from found)
         returning id
       )
       select id from found
       union all
       select id from added`,
    );
    await client.query(
      `insert into account (organisation_id, email, role, password_hash)
       values ($1, lower($2), 'admin', $3)`,
      [rows[0]?.id, administrator.email, await administrator.passwordHash()],
    );
    return true;
  });
}
