// Committing: what a file says becomes history, in one transaction, once.
import { KoproError } from "#devices/error";
import type { Scope } from "../directory/scope.ts";
import { inTransaction, type Pool, type PoolClient } from "../pool.ts";
import { importTargetsById } from "./import-targets.ts";
import { findImport, type ImportRow } from "./imports.ts";
import { mergeStaged } from "./merge-staged.ts";

/**
 * The import, committed; `undefined` when the viewer has none of this number. Committing again changes nothing. What the
 * preview says afterwards is what was changed, which another import may have made different from what it said before.
 * @throws KoproError `import_invalid` for one that has failed, `forbidden` when the viewer has lost a supply point since.
 */
export async function commitImport(pool: Pool, scope: Scope, id: number): Promise<ImportRow | undefined> {
  return inTransaction(pool, async (client) => {
    await client.query("select from import where id = $1 for update", [id]);
    const row = await findImport(client, scope, id);
    if (row === undefined || row.state === "committed") return row;
    if (row.state !== "previewed") {
      const reason = row.errors[0]?.detail ?? "It is still being read: look at it again in a moment.";
      throw new KoproError("import_invalid", `There is nothing to commit. ${reason}`);
    }
    await lockSupplyPoints(client, scope, id);
    const changes = await mergeStaged(client, id, true);
    await client.query("delete from import_day where import_id = $1", [id]);
    await client.query(
      "update import set state = 'committed', committed_at = $2, preview = $3 where id = $1",
      [id, new Date(scope.atMs), JSON.stringify(changes)],
    );
    return findImport(client, scope, id);
  });
}

/** In order of their numbers, so that two imports wait for each other in one direction only. */
async function lockSupplyPoints(client: PoolClient, scope: Scope, importId: number): Promise<void> {
  const { rows } = await client.query<{ id: number }>(
    `select id
    from supply_point
    where id in (select supply_point_id from import_day where import_id = $1)
    order by id
    for no key update`,
    [importId],
  );
  const ids = rows.map((row) => row.id);
  const writable = await importTargetsById(client, scope, ids);
  if (writable.length < ids.length) {
    throw new KoproError(
      "forbidden",
      "The import holds a supply point that you may not import for any more: send a file without it.",
    );
  }
}
