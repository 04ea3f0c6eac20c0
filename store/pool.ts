// The connection pool, transactions and SQL texts: the only file that builds a PostgreSQL client.
import { readFileSync } from "node:fs";
import pg from "pg";

export type Pool = pg.Pool;
export type PoolClient = pg.PoolClient;
/** A pool, or a client inside a transaction. */
export type Db = pg.Pool | pg.PoolClient;

const DATE_OID = pg.types.builtins.DATE;

/**
 * Opens a pool of connections. Instants come back as `Date`, civil dates as `YYYY-MM-DD` (the driver's default
 * would be local midnight), bigint and numeric as strings. Sessions run in UTC.
 */
export function openPool(url: string, options: { applicationName: string; max?: number }): Pool {
  const types: pg.CustomTypesConfig = {
    getTypeParser: (oid, format) =>
      oid === DATE_OID && format !== "binary"
        ? (text: string) => text
        : pg.types.getTypeParser(oid, format ?? "text"),
  };
  const pool = new pg.Pool({
    connectionString: url,
    application_name: options.applicationName,
    max: options.max ?? 10,
    connectionTimeoutMillis: 5000,
    keepAlive: true,
    options: "-c timezone=UTC",
    types,
  });
  // A connection that breaks fails its query, or is replaced at the next one. Without listeners it would end the
  // process: the pool's is for idle connections, each client's own for those that someone holds between two queries.
  pool.on("error", () => undefined);
  pool.on("connect", (client) => client.on("error", () => undefined));
  return pool;
}

/**
 * Runs `work` in one transaction. If it throws, everything in it is rolled back and the error passes on; a
 * connection that cannot even roll back is closed instead of reused.
 */
export async function inTransaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query("begin");
    const result = await work(client);
    await commit(client);
    return result;
  } catch (error) {
    await client.query("rollback").catch((rollbackError: unknown) => {
      broken = rollbackError instanceof Error ? rollbackError : new Error(String(rollbackError));
    });
    throw error;
  } finally {
    client.release(broken);
  }
}

/** Runs `work` in one transaction that changes nothing, and whose queries all see the same moment. */
export function inSnapshot<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  return inTransaction(pool, async (client) => {
    await client.query("set transaction isolation level repeatable read, read only");
    return work(client);
  });
}

/** `commit` after a failed statement answers ROLLBACK without an error: that must not pass for a commit. */
export async function commit(client: PoolClient): Promise<void> {
  const { command } = await client.query("commit");
  if (command !== "COMMIT") throw new Error(`the database answered ${command} to commit`);
}

/** The text of an `.sql` file that stands beside the module `base` (its `import.meta.url`). */
export function sqlText(base: string, file: string): string {
  return readFileSync(new URL(file, base), "utf8");
}
