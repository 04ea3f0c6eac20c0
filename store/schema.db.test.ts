// The committed schema.sql is what the migrations make; `npm test -- --project db store/schema -u` writes it anew.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { programPath, servicePackages } from "#services";
import { freshDatabase } from "#testing";

const TITLE =
  "-- The schema after all migrations, dumped by schema.db.test.ts: to be read and compared, not edited.";

test("schema.sql is the schema of a migrated database", async () => {
  const database = await freshDatabase();
  const packages = await servicePackages(() => undefined);
  const { stdout } = await promisify(execFile)(
    programPath(packages, "pg_dump"),
    ["--schema-only", "--no-owner", "--no-privileges", "--exclude-schema=_timescaledb_*", database.url],
    { maxBuffer: 16 * 1024 * 1024 },
  );
  await database.drop();
  await expect(`${TITLE}\n\n${withoutNoise(stdout)}`).toMatchFileSnapshot("./schema.sql");
});

/** Without what differs between runs and versions: pg_dump's headings, its session settings and its random words. */
function withoutNoise(dump: string): string {
  return dump
    .split("\n")
    .filter(
      (line) =>
        !/^(?:--.*|SET .*|COMMENT ON EXTENSION .*|SELECT pg_catalog\.set_config.*|\\(?:un)?restrict .*)$/.test(
          line,
        ),
    )
    .join("\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim()
    .concat("\n");
}
