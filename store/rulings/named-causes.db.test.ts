// A database that held pieces under their old causes: they get the names of the states, and their days are computed anew.
import { afterAll, beforeAll, expect, test } from "vitest";
import { openPool, type Pool } from "#store";
import { freshDatabase, type FreshDatabase } from "#testing";
import { migrate, migrationsOnDisk } from "../migrate.ts";

let database: FreshDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await freshDatabase();
  pool = openPool(database.url, { applicationName: "named-causes-test", max: 1 });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const NAMED = 7;

test("pieces of the rules before are renamed, and the journal brings their days back", async () => {
  const url = new URL(database.url);
  const name = `${url.pathname.slice(1)}_before`;
  await pool.query(`create database ${name} template template0`);
  url.pathname = `/${name}`;
  const old = openPool(url.href, { applicationName: "named-causes-test", max: 1 });
  try {
    await migrate(
      url.href,
      migrationsOnDisk().filter(({ number }) => number < NAMED),
    );
    await old.query(
      `with o as (insert into organisation (name, kind) values ('o', 'syndic') returning id),
        b as (
          insert into building (organisation_id, name, address, postal_code, country, region, timezone, dwellings)
          select id, 'b', 's', '1000', 'BE', 'BE-BRU', 'Europe/Brussels', 4 from o returning id
        ),
        d as (insert into device (building_id, name, profile) select id, 'd', 'senml' from b returning id),
        r as (
          insert into register (device_id, name, quantity, unit, kind)
          select id, 'r', 'energy', 'kWh', 'cumulative' from d returning id
        )
       insert into unallocated (register_id, from_at, to_at, energy, cause)
       select id, day + interval '1 hour', day + interval '2 hours', energy, cause
       from r, (values
         ('2026-01-01Z'::timestamptz, -5, 'index_drop'),
         ('2026-01-02Z', 7, 'implausible'),
         ('2026-01-03Z', 9, 'gap')
       ) as piece (day, energy, cause)`,
    );
    await migrate(url.href);
    const pieces = await old.query<{ cause: string }>("select cause from unallocated order by from_at");
    expect(pieces.rows.map(({ cause }) => cause)).toEqual(["reset", "spike", "gap"]);
    const journal = await old.query<{ day: string }>(
      "select unnest(days)::text as day from journal order by day",
    );
    expect(journal.rows.map(({ day }) => day)).toEqual(["2026-01-01", "2026-01-02"]);
  } finally {
    await old.end();
    await pool.query(`drop database ${name} with (force)`);
  }
});
