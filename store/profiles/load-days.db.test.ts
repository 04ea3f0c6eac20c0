// The days behind a load on a real database: a prepared statement for few, a binary COPY for many, and no difference.
import { afterAll, beforeAll, expect, test } from "vitest";
import { DAY_MS, HOUR_MS, QUARTERS_PER_UTC_DAY, utcDay } from "#devices/time";
import type { Carrier, Direction } from "#devices/vocabulary";
import {
  inTransaction,
  loadPackedDays,
  loadSupplyPointDays,
  openPool,
  unpackDays,
  type Db,
  type LoadQuery,
  type Pool,
} from "#store";
import { freshDatabase, type FreshDatabase } from "#testing";
import { readInt4 } from "./copy-reader.ts";
import { copyRows } from "./copy-rows.ts";

const FROM_MS = Date.UTC(2026, 0, 1);
/** With ten supply points beyond what a prepared statement is for. */
const DAYS = 160;
/** Ends within a day. */
const SPAN = { fromMs: FROM_MS, toMs: FROM_MS + (DAYS - 1) * DAY_MS + HOUR_MS };

let database: FreshDatabase;
let pool: Pool;
let points: readonly number[];
beforeAll(async () => {
  database = await freshDatabase();
  pool = openPool(database.url, { applicationName: "load-days-test", max: 2 });
  points = await fill();
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

async function idOf(text: string, values: readonly unknown[] = []): Promise<number> {
  const { rows } = await pool.query<{ id: number }>(text, [...values]);
  const [row] = rows;
  if (row === undefined) throw new Error(`nothing was inserted by: ${text}`);
  return row.id;
}

let buildingId = 0;
let deviceId = 0;
let importId = 0;

async function fill(): Promise<number[]> {
  const organisationId = await idOf(
    "insert into organisation (name, kind) values ('o', 'syndic') returning id",
  );
  buildingId = await idOf(
    `insert into building (organisation_id, name, address, postal_code, country, region, timezone, dwellings)
     values ($1, 'b', 's', '1000', 'BE', 'BE-BRU', 'Europe/Brussels', 4) returning id`,
    [organisationId],
  );
  deviceId = await idOf(
    "insert into device (building_id, name, profile) values ($1, 'd', 'senml') returning id",
    [buildingId],
  );
  const accountId = await idOf(
    "insert into account (organisation_id, email, role) values ($1, 'a@b.example', 'admin') returning id",
    [organisationId],
  );
  importId = await idOf(
    `insert into import (created_by, created_at, format, file_name, file_hash)
     values ($1, '2026-01-01', 'interval-csv', 'f', sha256('')) returning id`,
    [accountId],
  );
  const swapMs = FROM_MS + 40 * DAY_MS + 5 * HOUR_MS;
  const [plain, tariffs, swapped, imported, overlaid, gas, heat, empty, outside, twice] = [
    await point("electricity"),
    await point("electricity"),
    await point("electricity"),
    await point("electricity"),
    await point("electricity"),
    await point("gas"),
    await point("heat"),
    await point("electricity"),
    await point("electricity"),
    await point("electricity"),
  ];
  await register(plain, { keptOf: 1 });
  await register(plain, { direction: "export" });
  await register(plain, { role: "sub" });
  await register(tariffs, { keptOf: 3 });
  await register(tariffs, { keptOf: 2 });
  const old = await register(swapped, { endsMs: swapMs });
  await register(swapped, { startsMs: swapMs });
  // It comes back, and counts for another supply point meanwhile.
  await assign(old, twice, { startsMs: swapMs, endsMs: swapMs + DAY_MS });
  await assign(old, swapped, { startsMs: swapMs + DAY_MS });
  await history(imported, "import");
  await history(imported, "export");
  await register(overlaid, { startsMs: swapMs, keptOf: 2 });
  await history(overlaid, "import");
  await register(gas, { quantity: "volume", direction: null });
  await register(gas, { quantity: "energy", direction: null });
  await register(heat, { quantity: "energy", direction: null });
  await register(heat, { quantity: "volume", direction: null });
  await register(empty, { keptOf: 0 });
  await register(outside, { startsMs: SPAN.toMs });
  return [plain, tariffs, swapped, imported, overlaid, gas, heat, empty, outside, twice];
}

function point(carrier: Carrier): Promise<number> {
  return idOf(
    `insert into supply_point (building_id, carrier, direction, scope, vat_rate)
     values ($1, $2, 'both', 'common', 0.06) returning id`,
    [buildingId, carrier],
  );
}

type Assigned = { readonly role?: string; readonly startsMs?: number; readonly endsMs?: number };

let names = 0;
/** A register with a row for each day of which the number is a multiple of `keptOf`; none at all for 0. */
async function register(
  supplyPointId: number,
  options: Assigned & {
    readonly keptOf?: number;
    readonly direction?: Direction | null;
    readonly quantity?: string;
  },
): Promise<number> {
  const { keptOf = 1, direction = "import", quantity = "energy" } = options;
  const id = await idOf(
    `insert into register (device_id, name, carrier, quantity, unit, kind, direction)
     select $1, $2, carrier, $3, 'Wh', 'cumulative', $4 from supply_point where id = $5 returning id`,
    [deviceId, `r${names++}`, quantity, direction, supplyPointId],
  );
  await assign(id, supplyPointId, options);
  await pool.query(
    `insert into load_profile_day (register_id, day, quarters, statuses, computed_at, revision)
     select $1, day, quarters, statuses, '2026-01-01', number + 1 ${DRAWN}
     where $3 > 0 and number % $3 = 0`,
    [id, utcDay(FROM_MS - DAY_MS), keptOf],
  );
  return id;
}

async function assign(registerId: number, supplyPointId: number, assigned: Assigned): Promise<void> {
  const { role = "main", startsMs, endsMs } = assigned;
  const at = (instantMs: number | undefined, never: string) =>
    instantMs === undefined ? never : new Date(instantMs).toISOString();
  await pool.query(
    `insert into register_assignment (register_id, supply_point_id, role, starts_at, ends_at)
     values ($1, $2, $3, $4, $5)`,
    [registerId, supplyPointId, role, at(startsMs, "-infinity"), at(endsMs, "infinity")],
  );
}

/** Days from $2 on, from before the span until after it, of bytes that $1 decides, every value of a byte among them. */
const DRAWN = `
  from generate_series(0, ${DAYS + 2}) number
  cross join lateral (
    select
      $2::date + number as day,
      string_agg(int4send(hashint4($1::integer * 1000003 + number * 97 + slot) & x'00ffffff'::int), ''::bytea) as quarters,
      string_agg(set_byte('\\x00', 0, abs(hashint4($1::integer + number * 89 + slot)) % 6), ''::bytea) as statuses
    from generate_series(1, ${QUARTERS_PER_UTC_DAY}) slot
  ) drawn`;

async function history(supplyPointId: number, direction: Direction): Promise<void> {
  await pool.query(
    `insert into imported_day (supply_point_id, direction, day, quarters, statuses, resolution_s, import_id, revision)
     select $1, $3, day, quarters, statuses, 900, $4, number + 1 ${DRAWN}
     where number % 3 > 0`,
    [supplyPointId, utcDay(FROM_MS - DAY_MS), direction, importId],
  );
}

/** Whether the pool's one client has prepared the statement: the COPY does not. */
async function isPrepared(own: Db): Promise<boolean> {
  const { rows } = await own.query<{ found: boolean }>(
    "select exists (select 1 from pg_prepared_statements where name = 'load-days') as found",
  );
  return rows[0]?.found === true;
}

test.for(["import", "export"] as const)("many at once (%s) are what each is by itself", async (direction) => {
  const query: LoadQuery = { direction, ...SPAN };
  const own = openPool(database.url, { applicationName: "load-days-test", max: 1 });
  try {
    const together = await loadSupplyPointDays(own, points, query);
    const packed = await loadPackedDays(own, points, query);
    expect(await isPrepared(own)).toBe(false);
    expect(packed.length).toBeGreaterThan(0);
    for (const id of points) {
      const alone = await loadSupplyPointDays(own, [id], query);
      const mine = ({ supplyPointId }: { readonly supplyPointId: number }) => supplyPointId === id;
      expect(together.filter(mine)).toEqual(alone);
      expect(packed.filter(mine)).toEqual(await loadPackedDays(own, [id], query));
      expect(unpackDays(packed.filter(mine))).toEqual(alone);
    }
    expect(await isPrepared(own)).toBe(true);
  } finally {
    await own.end();
  }
});

test("rows come by register, beginning and supply point, from a pool too", async () => {
  const packed = await loadPackedDays(pool, points.toReversed(), { direction: "import", ...SPAN });
  const keys = packed.map(({ registerId, fromMs, supplyPointId }) => ({ registerId, fromMs, supplyPointId }));
  const byKey = (one: (typeof keys)[number], other: (typeof keys)[number]) =>
    one.registerId - other.registerId || one.fromMs - other.fromMs || one.supplyPointId - other.supplyPointId;
  expect(keys).toEqual(keys.toSorted(byKey));
  expect(keys.filter(({ registerId }) => registerId === 0)).toHaveLength(2);
  expect(packed.some(({ fromMs, toMs }) => fromMs === -Infinity && toMs === Infinity)).toBe(true);
  const withoutRow = packed.filter(({ dayNumbers }) => dayNumbers.length === 0);
  expect(withoutRow.map(({ quarters, statuses }) => [quarters.length, statuses.length])).toEqual([[0, 0]]);
});

test("what is no integer, no direction or no instant is written into no statement", async () => {
  const query: LoadQuery = { direction: "import", ...SPAN };
  const many = Array.from({ length: 100 }, (_, index) => index + 1);
  await expect(loadPackedDays(pool, [...many, 1.5], query)).rejects.toThrow(TypeError);
  const injected: string = "import' or true --";
  await expect(loadPackedDays(pool, many, { ...query, direction: injected as Direction })).rejects.toThrow(
    TypeError,
  );
  await expect(loadPackedDays(pool, many, { ...query, fromMs: -Infinity })).rejects.toThrow(RangeError);
});

const asNumber = ([field]: readonly (Buffer | null)[]) => readInt4(field);
/** Fails at its last row, megabytes after its first. */
const FAILS_LATE = "select 1 / (20000 - n), repeat('x', 1000) from generate_series(1, 20000) n";

test("an error, at once or after many rows, is an error, and the client answers the next question", async () => {
  for (const select of ["select nothing", FAILS_LATE]) {
    await expect(copyRows(pool, select, asNumber)).rejects.toThrow(/nothing|division by zero/);
    await expect(copyRows(pool, "select 7", asNumber)).resolves.toEqual([7]);
  }
  const client = await pool.connect();
  try {
    await client.query("begin");
    await client.query("savepoint before");
    await expect(copyRows(client, FAILS_LATE, asNumber)).rejects.toThrow("division by zero");
    await expect(client.query("select 1")).rejects.toThrow("current transaction is aborted");
    await client.query("rollback to before");
    await expect(copyRows(client, "select 8", asNumber)).resolves.toEqual([8]);
    await client.query("commit");
  } finally {
    client.release();
  }
});

test("what a reader cannot read is an error after the last byte, and the client answers the next question", async () => {
  const unreadable = () => {
    throw new RangeError("not this row");
  };
  await inTransaction(pool, async (client) => {
    const many = "select n, repeat('x', 1000) from generate_series(1, 20000) n";
    await expect(copyRows(client, many, unreadable)).rejects.toThrow("not this row");
    await expect(copyRows(client, "select 9", asNumber)).resolves.toEqual([9]);
  });
});

test("a connection that ends within the answer is an error, and the pool goes on with another", async () => {
  const ends =
    "select n, pg_terminate_backend(pg_backend_pid()), repeat('x', 1000) from generate_series(1, 20000) n";
  await expect(copyRows(pool, ends, asNumber)).rejects.toThrow(/terminat/);
  await expect(copyRows(pool, "select 5", asNumber)).resolves.toEqual([5]);
  expect(pool.totalCount - pool.idleCount).toBe(0);
});
