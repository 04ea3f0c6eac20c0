// A database of its own beside the one that a server was started with, migrated: for a benchmark that must be alone in it.
import { migrate } from "../migrate.ts";
import { openPool } from "../pool.ts";

export type SeparateDatabase = { readonly url: string; readonly drop: () => Promise<void> };

/** `name`: lower-case letters and underscores. */
export async function createSeparateDatabase(besideUrl: string, name: string): Promise<SeparateDatabase> {
  const run = async (text: string): Promise<void> => {
    const pool = openPool(besideUrl, { applicationName: "koprogo-bench", max: 1 });
    try {
      await pool.query(text);
    } finally {
      await pool.end();
    }
  };
  await run(`create database ${name}`);
  const url = new URL(besideUrl);
  url.pathname = `/${name}`;
  await migrate(url.href);
  return { url: url.href, drop: () => run(`drop database ${name} with (force)`) };
}
