// Registers held by whoever changes what they are assigned to, or what was ruled about them.
import type { Db } from "../pool.ts";

/**
 * Until the caller's transaction ends nobody else changes their assignments or rulings. Before any of these is locked, and all at once,
 * in the order of their numbers: else two wait for each other. Rows that only refer to a register are written meanwhile, as a
 * worker's are: the lock is not that of a key.
 */
export async function holdRegisters(db: Db, registerIds: readonly number[]): Promise<void> {
  await db.query("select 1 from register where id = any ($1::integer[]) order by id for no key update", [
    registerIds,
  ]);
}
