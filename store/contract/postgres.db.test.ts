// PostgreSQL keeps the pipeline's contract.
import { afterAll, beforeAll } from "vitest";
import { openPool, type Pool } from "#store";
import { freshDatabase, type FreshDatabase } from "#testing";
import { ingestContract } from "./test-ingest-contract.ts";
import { postgresBed } from "./test-postgres-bed.ts";
import { profileContract } from "./test-profile-contract.ts";

let database: FreshDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await freshDatabase();
  pool = openPool(database.url, { applicationName: "contract-test" });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

ingestContract("PostgreSQL", () => postgresBed(pool));
profileContract("PostgreSQL", () => postgresBed(pool));
