// The services of a test run: an admin address and a migrated template database to clone.
import { randomBytes } from "node:crypto";
import { migrate } from "../migrate.ts";
import { openPool } from "../pool.ts";
import { startThrowAwayServices, type Report } from "../services/index.ts";

/** What the tests' processes hear of the run's services. */
export type TestServices = {
  /** A database of the server that tests may connect to but not change. */
  readonly adminUrl: string;
  /** Name of the migrated database that `freshDatabase` clones. */
  readonly template: string;
  /** A Redis given from outside, shared with others; `undefined`: start one of your own. */
  readonly givenRedisUrl: string | undefined;
};

/** The services of the environment if it names them, else a private copy; `stop` leaves nothing behind. */
export async function startTestServices(
  env: Readonly<Record<string, string | undefined>>,
  report: Report,
): Promise<TestServices & { stop: () => Promise<void> }> {
  const given = { databaseUrl: env["DATABASE_URL"] || undefined, redisUrl: env["REDIS_URL"] || undefined };
  const services = await startThrowAwayServices({ given, report });
  const adminUrl = services.databaseUrl;
  const template = `koprogo_template_${randomBytes(6).toString("hex")}`;
  const stop = async (): Promise<void> => {
    if (given.databaseUrl !== undefined) await dropDatabases(adminUrl, template);
    await services.stop();
  };
  try {
    await runSql(adminUrl, [`create database ${template}`]);
    await migrate(databaseUrl(adminUrl, template));
    // Nobody may connect to it any more: it could not be cloned during that.
    await runSql(adminUrl, [`alter database ${template} with allow_connections false is_template true`]);
  } catch (error) {
    await stop();
    throw error;
  }
  return { adminUrl, template, givenRedisUrl: given.redisUrl, stop };
}

/** The address of another database on the same server. */
export function databaseUrl(adminUrl: string, name: string): string {
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  return url.href;
}

/** Statements that cannot run in a transaction, one after another. */
export async function runSql(url: string, statements: readonly string[]): Promise<void> {
  const pool = openPool(url, { applicationName: "koprogo-testing", max: 1 });
  try {
    for (const statement of statements) await pool.query(statement);
  } finally {
    await pool.end();
  }
}

/** On a server that stays, the clones of killed workers and the template itself go by hand. */
async function dropDatabases(adminUrl: string, template: string): Promise<void> {
  const pool = openPool(adminUrl, { applicationName: "koprogo-testing", max: 1 });
  try {
    await pool.query(`alter database ${template} with is_template false`);
    const { rows } = await pool.query<{ datname: string }>(
      "select datname from pg_database where starts_with(datname, $1)",
      [template],
    );
    for (const { datname } of rows) await pool.query(`drop database if exists ${datname} with (force)`);
  } finally {
    await pool.end();
  }
}
