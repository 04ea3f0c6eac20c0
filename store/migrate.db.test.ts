// Migrations on a real TimescaleDB: once each, race-safe, and refused when a file changed.
import { afterAll, beforeAll, expect, test } from "vitest";
import { openPool, type Pool } from "#store";
import { freshDatabase } from "#testing";
import { migrate, migrationsOnDisk } from "./migrate.ts";

let database: Awaited<ReturnType<typeof freshDatabase>>;
let pool: Pool;
beforeAll(async () => {
  database = await freshDatabase();
  pool = openPool(database.url, { applicationName: "migrate-test" });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const extra = (sql: string, checksum = "new") => [
  ...migrationsOnDisk(),
  { number: 9001, name: "9001-test.sql", sql, checksum },
];

test("a migrated database has nothing left to apply", async () => {
  expect(await migrate(database.url)).toEqual([]);
});

test("of two processes that start at once, one applies and the other waits for it", async () => {
  const migrations = extra("create table raced (id integer); select pg_sleep(0.3)");
  const applied = await Promise.all([migrate(database.url, migrations), migrate(database.url, migrations)]);
  expect(applied.flat()).toEqual(["9001-test.sql"]);
});

test("a migration that fails leaves nothing of itself behind", async () => {
  const broken = {
    number: 9002,
    name: "9002-broken.sql",
    sql: "create table half (id integer); select 1 / 0",
    checksum: "x",
  };
  await expect(migrate(database.url, [...extra(""), broken])).rejects.toThrow(/division by zero/);
  const { rows } = await pool.query("select to_regclass('half') as found");
  expect(rows).toEqual([{ found: null }]);
});

test("a migration that was edited after it ran, or is gone, is refused by name", async () => {
  await expect(migrate(database.url, extra("", "edited"))).rejects.toThrow(/9001-test.sql differs/);
  await expect(migrate(database.url)).rejects.toThrow(/has run 9001-test.sql/);
});

test("a register cannot be assigned twice at one instant, nor to another building's supply point", async () => {
  const { rows } = await pool.query<{ register: number; ours: number; foreign: number }>(`
    with o as (insert into organisation (name, kind) values ('test', 'syndic') returning id),
    b as (
      insert into building (organisation_id, name, address, postal_code, country, region, timezone, dwellings)
      select o.id, n, 'street', '1000', 'BE', 'BE-BRU', 'Europe/Brussels', 4 from o, unnest(array['one', 'two']) n
      returning id, name
    ),
    s as (
      insert into supply_point (building_id, carrier, direction, scope, vat_rate)
      select id, 'electricity', 'both', 'common', 0.06 from b returning id, building_id
    ),
    d as (insert into device (building_id, name, profile) select id, 'meter', 'senml' from b where name = 'one' returning id),
    r as (
      insert into register (device_id, name, quantity, unit, kind)
      select id, 'energy', 'energy', 'kWh', 'cumulative' from d returning id
    )
    select r.id as register,
      (select s.id from s join b on b.id = s.building_id where b.name = 'one') as ours,
      (select s.id from s join b on b.id = s.building_id where b.name = 'two') as foreign
    from r`);
  const ids = rows[0];
  if (ids === undefined) throw new Error("the fixture was not inserted");
  const assign = (supplyPoint: number, from: string, to: string) =>
    pool.query(
      `insert into register_assignment (register_id, supply_point_id, role, starts_at, ends_at) values ($1, $2, 'main', $3, $4)`,
      [ids.register, supplyPoint, from, to],
    );
  await assign(ids.ours, "2026-01-01", "2026-02-01");
  await assign(ids.ours, "2026-02-01", "infinity");
  await expect(assign(ids.ours, "2026-01-31", "2026-02-02")).rejects.toThrow(/already assigned/);
  await expect(assign(ids.foreign, "2025-01-01", "2025-02-01")).rejects.toThrow(/another building/);
});
