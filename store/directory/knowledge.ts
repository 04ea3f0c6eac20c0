// What a viewer knows of one thing: nothing, that it exists, or also what it measures.
import type { Db } from "../pool.ts";
import { scoped, type Scope } from "./scope.ts";

export type Knowledge = "unknown" | "known" | "measured";

/** The kinds of things that a route can be about. */
const LOOK_UPS = {
  building: "select true as measured from seen_building where id = $2",
  supplyPoint: "select measured from seen_supply_point where id = $2",
  device: "select measured from seen_device where id = $2",
  register: "select measured from seen_register where id = $2",
  account: "select true as measured from seen_account where id = $2",
  organisation: "select true as measured from seen_organisation where id = $2",
  import: `
    select true as measured
    from import i
    cross join viewer v
    where i.id = $2
      and (v.role = 'admin' or i.created_by = v.account_id)`,
  quarantined: "select true as measured from seen_quarantine where id = $2",
  tender: "select true as measured from seen_tender where id = $2",
} as const;
export type Thing = keyof typeof LOOK_UPS;

/** A stranger's thing and one that does not exist are the same: unknown. */
export async function knowledgeOf(db: Db, scope: Scope, thing: Thing, id: number): Promise<Knowledge> {
  const [row] = await scoped<{ measured: boolean }>(db, scope, `\n${LOOK_UPS[thing]}`, [id]);
  if (row === undefined) return "unknown";
  return row.measured ? "measured" : "known";
}
