// Gaps of days that are over, estimated from what was measured around them: kept apart, shown in loads, and told when they change.
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { DAY_MS, HOUR_MS, MINUTE_MS, QUARTER_MS, systemTime } from "#devices/time";
import { QuarterCode } from "#devices/vocabulary";
import {
  inTransaction,
  listLoadChanges,
  listUnallocated,
  loadSupplyPointDays,
  lockRegisters,
  postgresStore,
} from "#store";
import { freshDatabase, type FreshDatabase } from "#testing";
import { loadSeries } from "../load/load-series.ts";
import { seriesInBatches } from "../tender-desk/series-in-batches.ts";
import { createDrain } from "./drain-journal.ts";
import { createEstimator } from "./estimate-due.ts";
import { silentLog, TestWorld, type TestDevice, type TestReading, type TestRegister } from "./test-world.ts";

/** A Monday in the past. */
const START = Date.UTC(2026, 5, 1);
const signal = new AbortController().signal;

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
  await createDrain({ store: postgresStore(world.pool), time: systemTime, log: silentLog, limits })(signal);
  await createEstimator({ store: postgresStore(world.pool), time: systemTime, log: silentLog })();
}

/** An index that counts as many Wh in each quarter-hour as its place in the day; read every quarter-hour. */
function index(fromMs: number, toMs: number): TestReading[] {
  const readings: TestReading[] = [];
  let wh = 1_000_000;
  for (let atMs = START; atMs <= toMs; atMs += QUARTER_MS) {
    if (atMs >= fromMs) readings.push({ atMs, value: (wh / 1000).toFixed(3) });
    wh += (atMs / QUARTER_MS) % 96;
  }
  return readings;
}

async function load(fromMs: number, toMs: number) {
  const query = { direction: "import" as const, fromMs, toMs };
  const series = await loadSupplyPointDays(world.pool, [device.supplyPointId], query);
  return loadSeries({ series, ...query, resolution: "quarter-hour", timezone: "UTC", quantity: "energy" });
}

const day = (number: number) => START + number * DAY_MS;

test("the energy of a silence is spread by the shape of like days, to the Wh, and counts as estimated", async () => {
  await world.commit(register, index(day(0), day(8) + 6 * HOUR_MS));
  await world.commit(register, index(day(8) + 18 * HOUR_MS, day(14)));
  await settle();
  const points = await load(day(8), day(9));
  expect(points.map(({ value }) => value)).toEqual(Array.from({ length: 96 }, (_, quarter) => quarter));
  const estimated = points.filter(({ quality }) => quality.estimated === 1);
  expect(estimated.length).toBe(48);
  const [piece] = await listUnallocated(world.pool, [
    { registerId: register.id, fromMs: day(8), toMs: day(9) },
  ]);
  expect(estimated.reduce((sum, { value }) => sum + (value ?? 0), 0)).toBe(piece?.energy);
  // What was measured says nothing of it.
  const measured = await world.quarters(register.id, "2026-06-09");
  expect(measured.filter(({ status }) => status === 0).length).toBe(48);
});

test("a day without any row, in the middle of a silence, is estimated too", async () => {
  await world.commit(register, index(day(0), day(7) + 6 * HOUR_MS));
  await world.commit(register, index(day(9) + 18 * HOUR_MS, day(14)));
  await settle();
  const points = await load(day(7), day(10));
  expect(points.every(({ value }) => value !== null)).toBe(true);
  const total = index(day(10), day(10))[0];
  const first = index(day(7), day(7))[0];
  const wh = Math.round(Number(total?.value) * 1000) - Math.round(Number(first?.value) * 1000);
  expect(points.reduce((sum, { value }) => sum + (value ?? 0), 0)).toBe(wh);
});

test("what was missing comes after all: measured values take the place of the estimate, and the change is told", async () => {
  await world.commit(register, index(day(0), day(8) + 6 * HOUR_MS));
  await world.commit(register, index(day(8) + 18 * HOUR_MS, day(14)));
  await settle();
  await world.commit(register, index(day(8) + 6 * HOUR_MS, day(8) + 18 * HOUR_MS));
  await settle();
  const points = await load(day(8), day(9));
  expect(points.every(({ quality }) => quality.measured === 1)).toBe(true);
  const query = { direction: "import" as const, fromMs: day(8), toMs: day(9) };
  const changes = await listLoadChanges(world.pool, device.supplyPointId, query, { after: 0, limit: 10 });
  expect(changes).toMatchObject([{ layer: "measured", cause: "readings", registerId: register.id }]);
  const [change] = changes;
  // What was shown was an estimate, what is shown was measured: told once, not once a layer.
  expect(change?.before.statuses[30]).toBe(QuarterCode.substituted);
  expect(change?.before.quarters.readInt32LE(4 * 30)).toBe(30);
  expect(change?.after.statuses[30]).toBe(QuarterCode.measured);
  const shown = await loadSupplyPointDays(world.pool, [device.supplyPointId], query);
  const revision = shown[0]?.days.find(({ day: name }) => name === "2026-06-09")?.revision;
  // The estimate was emptied afterwards, which nobody sees and the revision counts.
  expect(revision).toBe((change?.revision ?? 0) + 1);
  const { rows } = await world.pool.query<{ revision: number }>(
    "select revision from estimated_day where register_id = $1 and day = '2026-06-09'",
    [register.id],
  );
  expect(rows).toEqual([{ revision: 2 }]);
});

test("a correction changes measured values, and what they were is kept", async () => {
  await world.commit(register, index(day(0), day(2)));
  await settle();
  // The same instant by a better clock cannot be made here: a larger value of the same rank counts.
  const at = day(1) + 6 * HOUR_MS;
  const right = index(at, at)[0];
  await world.commit(register, [{ atMs: at, value: (Number(right?.value) + 0.005).toFixed(3) }]);
  await settle();
  const query = { direction: "import" as const, fromMs: day(1), toMs: day(2) };
  const changes = await listLoadChanges(world.pool, device.supplyPointId, query, { after: 0, limit: 10 });
  expect(changes).toMatchObject([{ layer: "measured", cause: "readings", registerId: register.id }]);
  const [change] = changes;
  expect(change?.before.quarters.readInt32LE(4 * 23)).toBe(23);
  expect(change?.after.quarters.readInt32LE(4 * 23)).toBe(28);
  expect(change?.after.quarters.readInt32LE(4 * 24)).toBe(19);
});

test("a rule that changes is the cause of what it changes", async () => {
  await world.commit(register, index(day(0), day(2)));
  await settle();
  await world.pool.query("update register set max_per_hour = 0.1 where id = $1", [register.id]);
  await settle();
  const query = { direction: "import" as const, fromMs: day(0), toMs: day(2) };
  const changes = await listLoadChanges(world.pool, device.supplyPointId, query, { after: 0, limit: 10 });
  expect(changes.filter(({ layer }) => layer === "measured").map(({ cause }) => cause)).toEqual([
    "rule_changed",
    "rule_changed",
  ]);
});

test("a live day that only grows leaves no record", async () => {
  const readings = index(day(0), day(1));
  for (let at = 0; at < readings.length; at += 12) {
    await world.commit(register, readings.slice(at, at + 12));
    await settle();
  }
  const { rows } = await world.pool.query("select id from load_change");
  expect(rows).toEqual([]);
});

test("today is not estimated: its gaps may still be filled", async () => {
  const today = Math.floor(systemTime.now() / DAY_MS) * DAY_MS;
  const at = (minutes: number, value: string) => ({ atMs: today - DAY_MS + minutes * MINUTE_MS, value });
  await world.commit(register, [at(0, "1.000"), at(60, "1.100"), at(1400, "2.000")]);
  await world.commit(register, [{ atMs: today + 1000, value: "2.010" }]);
  await settle();
  const { rows } = await world.pool.query<{ day: string }>("select day::text from estimated_day");
  expect(rows.every((row) => row.day < new Date(today).toISOString().slice(0, 10))).toBe(true);
});

test("a day that ends while estimates are made is estimated, as what was due of it is taken", async () => {
  await world.commit(register, index(day(0), day(8) + 6 * HOUR_MS));
  await world.commit(register, index(day(8) + 18 * HOUR_MS, day(14)));
  const limits = { pairsMax: 64, rewriteAfterMs: 0, rewriteLateAfterMs: 0 };
  const store = postgresStore(world.pool);
  await createDrain({ store, time: systemTime, log: silentLog, limits })(signal);
  let nowMs = day(9) - 1;
  const overMidnight: typeof store = {
    ...store,
    transaction: (work) => {
      nowMs = day(9);
      return store.transaction(work);
    },
  };
  await createEstimator({ store: overMidnight, time: { now: () => nowMs }, log: silentLog })();
  expect(await world.estimates(register.id, new Date(day(8)).toISOString().slice(0, 10))).not.toEqual([]);
});

test("what is due survives whoever took it and died", async () => {
  await world.commit(register, index(day(0), day(8) + 6 * HOUR_MS));
  await world.commit(register, index(day(8) + 18 * HOUR_MS, day(14)));
  const limits = { pairsMax: 64, rewriteAfterMs: 0, rewriteLateAfterMs: 0 };
  await createDrain({ store: postgresStore(world.pool), time: systemTime, log: silentLog, limits })(signal);
  const client = await world.pool.connect();
  await client.query("begin");
  await client.query("delete from estimate_due");
  client.release(true);
  expect(
    await createEstimator({ store: postgresStore(world.pool), time: systemTime, log: silentLog })(),
  ).toBeGreaterThan(0);
});

test("a tender is sized from what was measured: estimates are left out where money is counted", async () => {
  await world.commit(register, index(day(0), day(8) + 6 * HOUR_MS));
  // An hour whose energy nobody knows, as the counter began anew: bridged by a line, which is no reading.
  const later = index(day(8) + 7 * HOUR_MS, day(14)).map(({ atMs, value }) => ({
    atMs,
    value: (Number(value) - 1000).toFixed(3),
  }));
  await world.commit(register, later);
  await settle();
  const query = { direction: "import" as const, fromMs: day(8), toMs: day(9) };
  const shown = await load(day(8), day(9));
  expect(shown.filter(({ quality }) => quality.estimated === 1).length).toBeGreaterThan(0);
  const [without] = await loadSupplyPointDays(world.pool, [device.supplyPointId], {
    ...query,
    estimates: false,
  });
  const measured = await world.quarters(register.id, "2026-06-09");
  expect([...(without?.days[0]?.statuses ?? [])]).toEqual(measured.map(({ status }) => status));
  const points = [{ supplyPointId: device.supplyPointId, buildingId: 1 }];
  const period = { from: "2026-06-09", to: "2026-06-10", timezone: "UTC" };
  for await (const [series] of seriesInBatches(world.pool, points, period)) {
    expect([...(series?.statuses ?? [])].filter((status) => status === 0).length).toBe(
      measured.filter(({ status }) => status === 0).length,
    );
  }
});

test("what a person ruled is the cause of what it changes", async () => {
  await world.commit(register, index(day(0), day(2)));
  await settle();
  const { rows } = await world.pool.query<{ id: number }>(
    `insert into account (organisation_id, email, role)
     select organisation_id, 'keeper@koprogo.example', 'admin' from building limit 1
     returning id`,
  );
  await world.pool.query(
    `insert into register_ruling (register_id, kind, from_at, to_at, reason, ruled_by, ruled_at)
     values ($1, 'spike', $2, $3, 'seen on the meter', $4, now())`,
    [register.id, new Date(day(1) + 6 * HOUR_MS), new Date(day(1) + 6 * HOUR_MS + QUARTER_MS), rows[0]?.id],
  );
  await settle();
  const query = { direction: "import" as const, fromMs: day(1), toMs: day(2) };
  const changes = await listLoadChanges(world.pool, device.supplyPointId, query, { after: 0, limit: 10 });
  expect(changes.map(({ layer, cause }) => `${layer} ${cause}`)).toEqual(["measured ruling"]);
});

test("days that cannot be estimated are due again, and hold up no other register", async () => {
  const errors: object[] = [];
  const log = { error: (fields: object) => void errors.push(fields) };
  await world.commit(register, index(day(0), day(8) + 6 * HOUR_MS));
  await world.commit(register, index(day(8) + 18 * HOUR_MS, day(14)));
  const limits = { pairsMax: 64, rewriteAfterMs: 0, rewriteLateAfterMs: 0 };
  await createDrain({ store: postgresStore(world.pool), time: systemTime, log: silentLog, limits })(signal);
  await world.pool.query("update building set timezone = 'Nowhere/Else'");
  try {
    await createEstimator({ store: postgresStore(world.pool), time: systemTime, log })();
  } finally {
    await world.pool.query("update building set timezone = 'Europe/Brussels'");
  }
  expect(errors.length).toBe(1);
  const { rows } = await world.pool.query<{ later: boolean }>(
    "select not_before > now() + interval '30 minutes' as later from estimate_due",
  );
  expect(rows.length).toBeGreaterThan(0);
  expect(rows.every(({ later }) => later)).toBe(true);
});

/** What is estimated and how, as text that can be compared. */
async function estimatedLayer(): Promise<string[]> {
  const { rows } = await world.pool.query<{ line: string }>(
    `select concat_ws(' ', day, encode(quarters, 'hex'), encode(statuses, 'hex'), encode(methods, 'hex')) as line
     from estimated_day
     where register_id = $1 and statuses <> decode(repeat('00', 96), 'hex')
     order by day`,
    [register.id],
  );
  return rows.map(({ line }) => line);
}

/** The layer made from nothing: every day is due at once. */
async function estimateAnew(): Promise<void> {
  await world.pool.query("delete from estimated_day where register_id = $1", [register.id]);
  await world.pool.query(
    `insert into estimate_due (register_id, day)
     select $1, day from generate_series($2::date, $3::date, interval '1 day') day`,
    [register.id, new Date(day(-2)), new Date(day(60))],
  );
  await createEstimator({ store: postgresStore(world.pool), time: systemTime, log: silentLog })();
}

test("a like day that comes later is taken: the estimate is the one that it would have been", async () => {
  // A Tuesday without anything, between others: its nearest like day comes last.
  await world.commit(register, index(day(0), day(1)));
  await world.commit(register, lifted(index(day(9), day(12)), 5));
  await settle();
  const early = await estimatedLayer();
  await world.commit(register, lifted(index(day(2), day(5)), 1));
  await settle();
  const late = await estimatedLayer();
  expect(late).not.toEqual(early);
  await estimateAnew();
  expect(await estimatedLayer()).toEqual(late);
});

/** The same consumption on an index that is so many kWh further: what lies between is not known to have been a gap's alone. */
function lifted(readings: readonly TestReading[], kwh: number): TestReading[] {
  return readings.map(({ atMs, value }) => ({ atMs, value: (Number(value) + kwh).toFixed(3) }));
}

test("a register that another worker holds is estimated when it is free: what that one commits is seen", async () => {
  await world.commit(register, index(day(0), day(8) + 6 * HOUR_MS));
  await world.commit(register, index(day(8) + 18 * HOUR_MS, day(14)));
  await inTransaction(world.pool, async (client) => {
    expect(await lockRegisters(client, [register.id])).toEqual(new Set([register.id]));
    await world.pool.query(
      "insert into estimate_due (register_id, day, not_before) values ($1, '2026-06-09', now())",
      [register.id],
    );
    await createEstimator({ store: postgresStore(world.pool), time: systemTime, log: silentLog })();
    expect(await world.estimates(register.id, "2026-06-09")).toEqual([]);
  });
  await world.pool.query("update estimate_due set not_before = now()");
  await settle();
  expect(
    (await world.estimates(register.id, "2026-06-09")).filter(({ method }) => method !== 0),
  ).toHaveLength(48);
});

test("a day with two gaps keeps the estimates of both, though only the other end of the one is due", async () => {
  const quarters = (from: number, count: number) =>
    index(START + from * QUARTER_MS, START + (from + count) * QUARTER_MS);
  await world.commit(register, quarters(13 * 96 + 12, 96));
  await world.commit(register, quarters(13 * 96 + 1, 2));
  await world.commit(register, quarters(0, 2));
  await settle();
  const grown = await estimatedLayer();
  expect(
    (await world.estimates(register.id, "2026-06-14")).filter(({ method }) => method !== 0),
  ).toHaveLength(10);
  await world.journal([register.id], [START]);
  await settle();
  expect(await estimatedLayer()).toEqual(grown);
});

test("V8: in whatever order readings come, and whenever estimates are made, they are those made from all at once", async () => {
  const part = fc.record({
    fromQuarter: fc.integer({ min: 0, max: 35 * 96 }),
    quarters: fc.oneof(fc.integer({ min: 96, max: 6 * 96 }), fc.integer({ min: 2, max: 40 })),
    kwh: fc.constantFrom(0, 0, 0, 3),
  });
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(part, { minLength: 3, maxLength: 7 }), async (parts) => {
      await world.pool.query("truncate reading, journal, load_profile_day, unallocated, register_decision");
      await world.pool.query("truncate estimated_day, estimate_due, load_change");
      for (const { fromQuarter, quarters, kwh } of parts) {
        const fromMs = START + fromQuarter * QUARTER_MS;
        await world.commit(register, lifted(index(fromMs, fromMs + quarters * QUARTER_MS), kwh));
        await settle();
      }
      const grown = await estimatedLayer();
      await estimateAnew();
      expect(await estimatedLayer()).toEqual(grown);
      compared += grown.length;
    }),
    { numRuns: 24 },
  );
  expect(compared).toBeGreaterThan(20);
});

test("gas that is missing is estimated from a day as cold, which a thermometer outside knows", async () => {
  const boiler = await world.device("gas");
  const gas = await world.register(boiler, "gas", { unit: "m3" });
  const sensor = await world.device("gas");
  const outside = await world.thermometer(sensor, boiler.supplyPointId);
  // Each day burns as many litres a quarter-hour as it is cold: Wednesday 10 June has nothing; the Tuesday was mild, the day behind
  // it too, the Wednesday before as cold.
  const degrees = [12, 12, 1, 12, 12, 12, 12, 12, 12, 2, 12, 12, 12];
  const readings: TestReading[] = [];
  let litres = 1000;
  for (const [number, celsius] of degrees.entries()) {
    for (let quarter = 0; quarter < 96; quarter++) {
      readings.push({ atMs: day(number) + quarter * QUARTER_MS, value: (litres / 1000).toFixed(3) });
      litres += 100 - celsius;
    }
  }
  const isHeard = ({ atMs }: TestReading) => atMs <= day(9) || atMs >= day(10);
  // The counter began anew in between, so that the energy of the gap is not known.
  const anew = readings.map(({ atMs, value }) =>
    atMs < day(10) ? { atMs, value } : { atMs, value: (Number(value) - 100).toFixed(3) },
  );
  await world.commit(gas, anew.filter(isHeard));
  await settle();
  const burnt = async () => (await world.estimates(gas.id, "2026-06-10"))[0];
  expect(await burnt()).toEqual({ energy: 88, method: 3 });
  const hours = Array.from({ length: degrees.length * 24 }, (_, hour) => ({
    atMs: day(0) + hour * HOUR_MS,
    value: String(degrees[Math.floor(hour / 24)]),
  }));
  await world.commit(outside, hours);
  // What is known of the weather is asked again once a day, and at a start.
  expect(await burnt()).toEqual({ energy: 88, method: 3 });
  await createEstimator({ store: postgresStore(world.pool), time: { now: () => day(20) }, log: silentLog })();
  expect(await burnt()).toEqual({ energy: 99, method: 4 });
});
