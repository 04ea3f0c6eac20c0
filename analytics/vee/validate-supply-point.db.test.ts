// Validation of what the database shows: the sum check against raw readings, through gaps, resets and layers.
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { DAY_MS, HOUR_MS, QUARTER_MS, systemTime } from "#devices/time";
import { freshDatabase, type FreshDatabase } from "#testing";
import { createDrain } from "../worker/drain-journal.ts";
import { createEstimator } from "../worker/estimate-due.ts";
import {
  silentLog,
  TestWorld,
  type TestDevice,
  type TestReading,
  type TestRegister,
} from "../worker/test-world.ts";
import { indexMarks } from "./index-marks.ts";
import { validateSupplyPoint } from "./validate-supply-point.ts";
import { postgresStore } from "#store";

/** A Monday in the past. */
const START = Date.UTC(2026, 5, 1);
const day = (number: number) => START + number * DAY_MS;

let database: FreshDatabase;
let world: TestWorld;
let device: TestDevice;
let register: TestRegister;
beforeAll(async () => {
  database = await freshDatabase();
  world = new TestWorld(database.url);
});
beforeEach(async () => {
  await world.pool.query(
    "truncate reading, journal, load_profile_day, unallocated, register_decision, estimated_day, estimate_due, load_change",
  );
  device = await world.device();
  register = await world.register(device, "energy");
});
afterAll(async () => {
  await world.close();
  await database.drop();
});

async function settle(): Promise<void> {
  const limits = { pairsMax: 64, rewriteAfterMs: 0, rewriteLateAfterMs: 0 };
  const drain = createDrain({ store: postgresStore(world.pool), time: systemTime, log: silentLog, limits });
  await drain(new AbortController().signal);
  await createEstimator({ store: postgresStore(world.pool), time: systemTime, log: silentLog })();
}

/** Counts as many Wh in each quarter-hour as its place in the day and a hundred. */
function index(fromMs: number, toMs: number, offsetWh = 1_000_000): TestReading[] {
  const readings: TestReading[] = [];
  let wh = offsetWh;
  for (let atMs = START; atMs <= toMs; atMs += QUARTER_MS) {
    if (atMs >= fromMs) readings.push({ atMs, value: (wh / 1000).toFixed(3) });
    wh += 100 + ((atMs / QUARTER_MS) % 96);
  }
  return readings;
}

const findings = (fromMs: number, toMs: number) =>
  validateSupplyPoint(world.pool, {
    supplyPointId: device.supplyPointId,
    direction: "import",
    unit: "Wh",
    fromMs,
    toMs,
    timezone: "UTC",
    connectionKva: 9.2,
  });
const marks = (fromDay: number, toDay: number) =>
  indexMarks(
    world.pool,
    device.supplyPointId,
    "import",
    Array.from({ length: toDay - fromDay + 1 }, (_, at) => day(fromDay + at)),
  );

test("what adds up is not spoken of, and what does not is", async () => {
  await world.commit(register, index(day(0), day(4)));
  await settle();
  expect((await marks(0, 4)).length).toBe(5);
  expect(await findings(day(0), day(4))).toEqual([]);
  // A fault of ours: a byte of the stored profile, 65,536 Wh too much in one quarter-hour.
  await world.pool.query(
    "update load_profile_day set quarters = set_byte(quarters, 42, 1) where register_id = $1 and day = '2026-06-02'",
    [register.id],
  );
  const found = await findings(day(0), day(4));
  expect(found.filter(({ rule }) => rule === "sum")).toMatchObject([
    { fromMs: day(1), toMs: day(2), value: 65_536, severity: "error" },
  ]);
  expect(found.map(({ rule }) => rule)).toEqual(["sum", "high", "spike"]);
});

test("an estimate that keeps the energy of its gap passes, one that does not is found", async () => {
  await world.commit(register, index(day(0), day(8) + 6 * HOUR_MS));
  await world.commit(register, index(day(8) + 18 * HOUR_MS, day(14)));
  await settle();
  expect((await marks(8, 9)).length).toBe(2);
  expect(await findings(day(7), day(10))).toEqual([]);
  await world.pool.query(
    "update estimated_day set quarters = set_byte(quarters, 4 * 40 + 1, 4) where register_id = $1",
    [register.id],
  );
  const found = await findings(day(7), day(10));
  expect(found.filter(({ rule }) => rule === "sum")).toMatchObject([{ fromMs: day(8), value: 1024 }]);
});

test("a reset breaks the index, and is no fault of the sum", async () => {
  await world.commit(register, index(day(0), day(1) + 11 * HOUR_MS));
  await world.commit(register, index(day(1) + 12 * HOUR_MS, day(3), 0));
  await settle();
  const series = (await marks(0, 3)).map((mark) => mark.series);
  expect(new Set(series).size).toBe(2);
  const found = await findings(day(0), day(3));
  expect(found.filter(({ rule }) => rule === "sum")).toEqual([]);
});

test("a value that was no reading at a boundary is no witness", async () => {
  await world.commit(register, index(day(0), day(3)));
  await world.pool.query("delete from reading where device_id = $1 and observed_at = $2", [
    device.id,
    new Date(day(1)),
  ]);
  await world.commit(register, [{ atMs: day(1), value: "0.000" }]);
  await settle();
  expect((await marks(0, 3)).map(({ atMs }) => atMs)).toEqual([day(0), day(2), day(3)]);
  const found = await findings(day(0), day(3));
  expect(found.filter(({ rule }) => rule === "sum")).toEqual([]);
});

test("a boundary at which the unit had slipped has no witness, and the gap's estimate keeps the sum", async () => {
  const slips = ({ atMs }: TestReading) => atMs >= day(1) + 6 * HOUR_MS && atMs < day(2) + 6 * HOUR_MS;
  await world.commit(
    register,
    index(day(0), day(4)).map((reading) =>
      slips(reading) ? { ...reading, value: String(1000 * Number(reading.value)) } : reading,
    ),
  );
  await settle();
  expect((await marks(0, 4)).map(({ atMs }) => atMs)).toEqual([day(0), day(1), day(3), day(4)]);
  expect(await findings(day(0), day(4))).toMatchObject([
    { rule: "unit_slip", fromMs: day(1) + 6 * HOUR_MS, toMs: day(2) + 6 * HOUR_MS, severity: "error" },
  ]);
});

test("a register that showed two values of one instant is spoken of, a repeat is not", async () => {
  await world.commit(register, index(day(0), day(1)));
  const [at] = index(day(0) + 6 * HOUR_MS, day(0) + 6 * HOUR_MS);
  await world.commit(register, at === undefined ? [] : [at]);
  await settle();
  expect(await findings(day(0), day(1))).toEqual([]);
  const other = { atMs: day(0) + 6 * HOUR_MS, value: (Number(at?.value) + 0.001).toFixed(3) };
  await world.commit(register, [other]);
  await settle();
  expect(await findings(day(0), day(1))).toMatchObject([
    { rule: "duplicate", fromMs: other.atMs, toMs: other.atMs + QUARTER_MS, value: 2, limit: 1 },
  ]);
});

test("what was spread from days is not held for a register that stands still", async () => {
  const { rows } = await world.pool.query<{ id: number }>(
    `with who as (
       insert into account (organisation_id, email, role)
       select organisation_id, 'importer@koprogo.example', 'admin' from building limit 1
       returning id
     )
     insert into import (format, file_name, file_hash, state, created_by, created_at)
     select 'interval-csv', 'days.csv', decode(repeat('00', 32), 'hex'), 'committed', id, now() from who
     returning id`,
  );
  const spread = (resolutionS: number, name: string) =>
    world.pool.query(
      `insert into imported_day (supply_point_id, direction, day, quarters, statuses, resolution_s, import_id)
       values ($1, 'import', $2, decode(repeat('64000000', 96), 'hex'), decode(repeat('05', 96), 'hex'), $3, $4)`,
      [device.supplyPointId, name, resolutionS, rows[0]?.id],
    );
  await spread(86_400, "2026-06-01");
  await spread(900, "2026-06-02");
  expect(await findings(day(0), day(2))).toMatchObject([
    { rule: "identical", fromMs: day(1), toMs: day(2), value: 96, unit: "quarter_hours" },
  ]);
});

test("where nothing came, everything is missing", async () => {
  expect(await findings(day(0), day(2))).toMatchObject([
    { rule: "missing", fromMs: day(0), toMs: day(2), value: 192 },
  ]);
});
