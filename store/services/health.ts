// Asks a PostgreSQL and a Redis whether they answer, and whether they are what we need.
import { Redis } from "ioredis";
import { Client } from "pg";
import { KoproError } from "#devices/error";

const ANSWER_TIMEOUT_MS = 5000;
const POSTGRES_MIN = 150_000;

/** One round trip to the database. @throws whatever the driver says. */
export async function pingDatabase(url: string): Promise<void> {
  await withClient(url, (client) => client.query("select 1"));
}

/** One round trip to Redis. @throws whatever the driver says. */
export async function pingRedis(url: string): Promise<void> {
  // The default is to retry for ever: here a refusal is an answer.
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: ANSWER_TIMEOUT_MS,
    commandTimeout: ANSWER_TIMEOUT_MS,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  let failure: Error | undefined;
  redis.on("error", (error: Error) => {
    failure = error;
  });
  try {
    await redis.connect();
    await redis.ping();
  } catch (error) {
    // "Connection is closed" hides why; the reason came by event.
    throw failure ?? error;
  } finally {
    redis.disconnect();
  }
}

/** @throws KoproError `dependency_missing` when `DATABASE_URL` does not lead to a PostgreSQL with TimescaleDB. */
export async function checkDatabase(url: string): Promise<void> {
  const found = await withClient(url, (client) =>
    client.query<{ version: number; timescale: boolean }>(
      `select current_setting('server_version_num')::int as version,
         exists (select from pg_available_extensions where name = 'timescaledb') as timescale`,
    ),
  ).catch((error: unknown) => {
    throw unreachable("DATABASE_URL", "PostgreSQL", error);
  });
  const row = found.rows[0];
  if (row === undefined || row.version < POSTGRES_MIN) {
    throw new KoproError(
      "dependency_missing",
      `DATABASE_URL leads to PostgreSQL ${row?.version ?? "?"}, but 15 or newer is needed.`,
    );
  }
  if (!row.timescale) {
    throw new KoproError(
      "dependency_missing",
      "DATABASE_URL leads to a PostgreSQL without the extension timescaledb.",
    );
  }
}

/** @throws KoproError `dependency_missing` when `REDIS_URL` does not lead to a Redis. */
export async function checkRedis(url: string): Promise<void> {
  await pingRedis(url).catch((error: unknown) => {
    throw unreachable("REDIS_URL", "Redis", error);
  });
}

async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: ANSWER_TIMEOUT_MS,
    query_timeout: ANSWER_TIMEOUT_MS,
    application_name: "koprogo-health",
  });
  // A connection that breaks while idle is no reason to end the process; the next query says so.
  client.on("error", () => undefined);
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

function unreachable(variable: string, service: string, cause: unknown): KoproError {
  const why =
    cause instanceof Error
      ? cause.message || ("code" in cause ? String(cause.code) : cause.name)
      : String(cause);
  return new KoproError("dependency_missing", `${service} at ${variable} does not answer: ${why}`, { cause });
}
