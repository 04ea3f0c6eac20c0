// The process of the database's server that serves a connection, for who measures what it costs on this machine.
import type { Db } from "../pool.ts";

export async function serverProcess(db: Db): Promise<number> {
  const { rows } = await db.query<{ pid: number }>("select pg_backend_pid() as pid");
  return rows[0]?.pid ?? 0;
}
