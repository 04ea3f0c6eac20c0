// A meter swapped at any instant, on a real database: the supply point's load goes on, complete, never negative, conserved.
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RegisterSpec } from "#devices/reading";
import { DAY_MS, HOUR_MS, MINUTE_MS, QUARTER_MS, SECOND_MS, systemTime } from "#devices/time";
import {
  findRecordedSwaps,
  findSuspectedSwaps,
  holdRegisters,
  inTransaction,
  loadSupplyPointDays,
  recordSwap,
  scopeOf,
  withdrawSwap,
  type Db,
  type Scope,
  type SwapOutcome,
  postgresStore,
} from "#store";
import { freshDatabase, until, type FreshDatabase } from "#testing";
import { loadSeries } from "../load/load-series.ts";
import { createDrain } from "./drain-journal.ts";
import { silentLog, TestWorld, type TestDevice, type TestRegister } from "./test-world.ts";

/** Midnight in Brussels before the clocks went back last: what is older than 400 days moves no beginning. */
const START = lastChange(systemTime.now());
const HOURS = 4;
const END = START + HOURS * HOUR_MS;
const WH_PER_SECOND = 1;

function lastChange(nowMs: number): number {
  const year = new Date(nowMs).getUTCFullYear();
  const midnights = [year, year - 1].map((one) => {
    const lastOfOctober = new Date(Date.UTC(one, 9, 31));
    return lastOfOctober.getTime() - lastOfOctober.getUTCDay() * DAY_MS - 2 * HOUR_MS;
  });
  return midnights.find((atMs) => atMs + DAY_MS < nowMs) ?? 0;
}

let database: FreshDatabase;
let world: TestWorld;
let scope: Scope;
beforeAll(async () => {
  database = await freshDatabase();
  world = new TestWorld(database.url);
  await world.building();
  const { rows } = await world.pool.query<{ id: number; organisation_id: number }>(
    `insert into account (organisation_id, email, role)
     select id, 'keeper@example.org', 'admin' from organisation limit 1 returning id, organisation_id`,
  );
  const [account = { id: 0, organisation_id: 0 }] = rows;
  scope = scopeOf(
    { id: account.id, role: "admin", organisationId: account.organisation_id, unitId: null },
    END + DAY_MS,
  );
});
afterAll(async () => {
  await world.close();
  await database.drop();
});

const drain = () =>
  createDrain({
    store: postgresStore(world.pool),
    time: systemTime,
    log: silentLog,
    limits: { pairsMax: 64, rewriteAfterMs: 0, rewriteLateAfterMs: 0 },
  })(new AbortController().signal);

const SPEC: RegisterSpec = {
  name: "1-0:1.8.0",
  equipmentId: "A",
  carrier: "electricity",
  quantity: "energy",
  unit: "kWh",
  kind: "cumulative",
  tariff: null,
  direction: "import",
  keepEveryS: 0,
};

/** One name and two serials, made as the ingest makes them when a serial changes. */
async function twoMeters(): Promise<{ device: TestDevice; old: TestRegister; young: TestRegister }> {
  const device = await world.device();
  await world.pool.query("insert into device_supply_point (device_id, supply_point_id) values ($1, $2)", [
    device.id,
    device.supplyPointId,
  ]);
  const named = async (equipmentId: string) => {
    const registers = await postgresStore(world.pool).createRegisters(
      [{ deviceId: device.id, specs: [{ ...SPEC, equipmentId }] }],
      10,
    );
    const id = registers.find((register) => register.equipmentId === equipmentId)?.id ?? 0;
    return { id, deviceId: device.id, layoutId: await world.layout(device, [id]) };
  };
  return { device, old: await named("A"), young: await named("B") };
}

const wh = (atMs: number) => Math.round(((atMs - START) / SECOND_MS) * WH_PER_SECOND);
const kWh = (whole: number) => (whole / 1000).toFixed(3);

/** Five-minute readings of both meters; at the instant itself both, one or none may have spoken. */
async function speak(
  old: TestRegister,
  young: TestRegister,
  swapMs: number,
  openingWh: number,
): Promise<void> {
  const instants = Array.from({ length: (HOURS * 60) / 5 + 1 }, (_, at) => START + at * 5 * MINUTE_MS);
  const reading = (atMs: number, index: number) => ({ atMs, value: kWh(index) });
  await world.commit(
    old,
    instants.filter((atMs) => atMs <= swapMs).map((atMs) => reading(atMs, 1_000_000 + wh(atMs))),
  );
  await world.commit(
    young,
    instants.filter((atMs) => atMs > swapMs).map((atMs) => reading(atMs, openingWh + wh(atMs) - wh(swapMs))),
  );
}

async function load(device: TestDevice, resolution: "quarter-hour" | "day") {
  const span = { fromMs: START, toMs: END };
  const series = await loadSupplyPointDays(world.pool, [device.supplyPointId], {
    direction: "import",
    ...span,
  });
  return loadSeries({ series, ...span, resolution, timezone: "Europe/Brussels", quantity: "energy" });
}

const swapped = (...swap: SwapOf): Promise<SwapOutcome> =>
  inTransaction(world.pool, (client) => swappedBy(client, ...swap));

type SwapOf = [
  device: TestDevice,
  old: TestRegister,
  young: TestRegister,
  atMs: number,
  closingIndex: string,
  openingIndex: string,
];

function swappedBy(db: Db, ...[device, old, young, atMs, closingIndex, openingIndex]: SwapOf) {
  return recordSwap(db, scope, {
    supplyPointId: device.supplyPointId,
    atMs,
    closingIndex,
    openingIndex,
    oldRegisterId: old.id,
    newRegisterId: young.id,
    reason: "paper",
  });
}

test("at whatever instant, before or after the readings came: every quarter-hour is there, and nothing is lost", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.integer({ min: 301, max: HOURS * 3600 - 301 }),
        fc.integer({ min: 1, max: HOURS * 4 - 1 }).map((quarter) => quarter * 900),
        fc.integer({ min: 2, max: HOURS * 12 - 2 }).map((five) => five * 300),
      ),
      fc.integer({ min: 0, max: 2_000_000 }),
      fc.boolean(),
      async (second, openingWh, first) => {
        const swapMs = START + second * SECOND_MS;
        const { device, old, young } = await twoMeters();
        const closing = kWh(1_000_000 + wh(swapMs));
        if (!first) {
          await speak(old, young, swapMs, openingWh);
          await drain();
        }
        const outcome = await swapped(device, old, young, swapMs, closing, kWh(openingWh));
        expect(outcome.outcome).toBe("recorded");
        if (first) await speak(old, young, swapMs, openingWh);
        await drain();
        const quarters = await load(device, "quarter-hour");
        expect(quarters.map(({ value }) => value)).toEqual(
          Array.from({ length: HOURS * 4 }, () => (QUARTER_MS / SECOND_MS) * WH_PER_SECOND),
        );
        expect(quarters.every(({ quality }) => quality.measured === 1)).toBe(true);
        // 22:00 UTC is midnight in Brussels: the hours are one civil day.
        expect((await load(device, "day")).map(({ value }) => value)).toEqual([HOURS * 3600 * WH_PER_SECOND]);
        const kept = await world.profiles();
        await world.forgetProfiles();
        await drain();
        expect(await world.profiles()).toEqual(kept);
        await world.pool.query("truncate reading, load_profile_day, unallocated, register_decision, journal");
      },
    ),
    { numRuns: 20 },
  );
});

test("the same again is known, other indices correct it, taken back the assignments are as they were", async () => {
  const { device, old, young } = await twoMeters();
  const swapMs = START + 100 * MINUTE_MS + 7 * SECOND_MS;
  await speak(old, young, swapMs, 5000);
  await drain();
  const assignments = async () => {
    const { rows } = await world.pool.query<object>(
      `select register_id, starts_at::text, ends_at::text, opening_index::text, closing_index::text
       from register_assignment where supply_point_id = $1 order by id`,
      [device.supplyPointId],
    );
    return rows;
  };
  const before = [await assignments(), await world.profiles()];
  const closing = kWh(1_000_000 + wh(swapMs));
  const first = await swapped(device, old, young, swapMs, closing, "5");
  expect(first.outcome).toBe("recorded");
  await drain();
  const recorded = [await assignments(), await world.profiles()];
  expect(await swapped(device, old, young, swapMs, closing, "5.000")).toEqual({ ...first, outcome: "known" });
  await drain();
  expect([await assignments(), await world.profiles()]).toEqual(recorded);
  const later = kWh(1_000_100 + wh(swapMs));
  expect(await swapped(device, old, young, swapMs, later, "5")).toEqual({ ...first, outcome: "corrected" });
  await drain();
  const sum = (await load(device, "quarter-hour")).reduce((total, { value }) => total + (value ?? 0), 0);
  expect(sum).toBe(HOURS * 3600 + 100);
  const id = "id" in first ? first.id : 0;
  const takeBack = () =>
    inTransaction(world.pool, (client) => withdrawSwap(client, scope, device.supplyPointId, id));
  expect(await takeBack()).toBe(true);
  expect(await takeBack()).toBe(false);
  await drain();
  expect([await assignments(), await world.profiles()]).toEqual(before);
});

test("taken back, the new meter begins with its first value again, and one that came meanwhile is not forgotten", async () => {
  for (const isMeanwhile of [true, false]) {
    const { device, old, young } = await twoMeters();
    const swapMs = START + 100 * MINUTE_MS;
    await speak(old, young, swapMs, 5000);
    await drain();
    const recorded = await swapped(device, old, young, swapMs, kWh(1_000_000 + wh(swapMs)), "5");
    await drain();
    const takeBack = async () => {
      const id = "id" in recorded ? recorded.id : 0;
      await inTransaction(world.pool, (client) => withdrawSwap(client, scope, device.supplyPointId, id));
      await drain();
    };
    if (isMeanwhile) await sayEarlier(young);
    await drain();
    await takeBack();
    if (!isMeanwhile) await sayEarlier(young);
    await drain();
    const { rows } = await world.pool.query<{ startsAt: Date }>(
      `select starts_at as "startsAt" from register_assignment where register_id = $1`,
      [young.id],
    );
    expect(rows).toEqual([{ startsAt: new Date(START - 5 * DAY_MS) }]);
  }
});

/** An hour of a register's quarter-hours, said days before all that was said until then. */
const sayEarlier = (young: TestRegister) =>
  world.commit(
    young,
    [0, 1, 2, 3, 4].map((quarter) => ({
      atMs: START - 5 * DAY_MS + quarter * QUARTER_MS,
      value: kWh(4000 + quarter),
    })),
  );

async function isAnyWaiting(): Promise<boolean> {
  const { rows } = await world.pool.query(
    "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
  );
  return rows.length > 0;
}

test("recorded while a worker saves an earlier first value, or is taken back: one waits for the other", async () => {
  const { device, old, young } = await twoMeters();
  const swapMs = START + 100 * MINUTE_MS;
  await speak(old, young, swapMs, 5000);
  await drain();
  await sayEarlier(young);
  /** A swap is recorded while `work` waits for its registers. */
  const recordedBefore = async <T>(work: () => Promise<T>, openingIndex: string) => {
    const { outcome, working } = await inTransaction(world.pool, async (client) => {
      await holdRegisters(client, [old.id, young.id]);
      const first = work();
      first.catch(() => undefined);
      await until(isAnyWaiting, "somebody waits for the registers");
      const closing = kWh(1_000_000 + wh(swapMs));
      const second = await swappedBy(client, device, old, young, swapMs, closing, openingIndex);
      return { outcome: second, working: first };
    });
    return { recorded: outcome, worked: await working };
  };
  const assignments = async () => {
    const { rows } = await world.pool.query<object>(
      `select starts_at as "startsAt", starts_with_values as "startsWithValues"
       from register_assignment where register_id = $1`,
      [young.id],
    );
    return rows;
  };

  const { recorded, worked } = await recordedBefore(drain, "5");
  expect(recorded.outcome).toBe("recorded");
  expect(worked.computedDays).toBeGreaterThan(0);
  expect(await assignments()).toEqual([
    { startsAt: new Date(START + 90 * MINUTE_MS), startsWithValues: false },
  ]);

  const id = "id" in recorded ? recorded.id : 0;
  const takeBack = () =>
    inTransaction(world.pool, (client) => withdrawSwap(client, scope, device.supplyPointId, id));
  const corrected = await recordedBefore(takeBack, "4.9");
  expect(corrected).toEqual({ recorded: { outcome: "corrected", id }, worked: true });
  expect(await assignments()).toEqual([{ startsAt: new Date(START - 5 * DAY_MS), startsWithValues: true }]);
});

test("a worker that moves no beginning does not wait for a swap that is being recorded", async () => {
  const { device, old, young } = await twoMeters();
  const swapMs = START + 100 * MINUTE_MS;
  await speak(old, young, swapMs, 5000);
  await drain();
  await inTransaction(world.pool, async (client) => {
    await swappedBy(client, device, old, young, swapMs, kWh(1_000_000 + wh(swapMs)), "5");
    for (const register of [old, young])
      await world.commit(register, [{ atMs: END + 2 * DAY_MS, value: "2000" }]);
    let isSaved = false;
    const saving = drain().then(() => (isSaved = true));
    saving.catch(() => undefined);
    await until(async () => isSaved || (await isAnyWaiting()), "the days are saved, or wait");
    expect(isSaved).toBe(true);
  });
});

test("until somebody records it, what was measured before stays measured, whichever of the two speaks first", async () => {
  for (const isLate of [false, true]) {
    const { device, old, young } = await twoMeters();
    const swapMs = START + 62 * MINUTE_MS;
    if (isLate) {
      // The young one's last hour arrives before all the rest, as from a gateway that sends what is new first.
      const hour = [0, 1, 2, 3, 4].map((quarter) => END - HOUR_MS + quarter * QUARTER_MS);
      await world.commit(
        young,
        hour.map((atMs) => ({ atMs, value: kWh(5000 + wh(atMs) - wh(swapMs)) })),
      );
      await drain();
    }
    await speak(old, young, swapMs, 5000);
    await drain();
    const quarters = await load(device, "quarter-hour");
    expect(quarters.slice(0, 4)).toMatchObject(
      Array.from({ length: 4 }, () => ({ value: 900 * WH_PER_SECOND, quality: { measured: 1 } })),
    );
    // From then on nobody knows whether the old one should have spoken too.
    expect(quarters.slice(4).every(({ quality }) => quality.missing > 0)).toBe(true);
    expect(quarters.slice(5).map(({ value }) => value)).toEqual(Array.from({ length: 11 }, () => 900));
  }
});

test("another serial that speaks since the first is silent is suspected, filled in, and no more once recorded", async () => {
  const { device, old, young } = await twoMeters();
  const swapMs = START + 62 * MINUTE_MS;
  await speak(old, young, swapMs, 5000);
  await drain();
  const suspected = await findSuspectedSwaps(world.pool, [device.supplyPointId]);
  expect(suspected).toEqual([
    {
      id: null,
      key: expect.any(String),
      supplyPointId: device.supplyPointId,
      atMs: START + 65 * MINUTE_MS,
      sinceMs: START + 60 * MINUTE_MS,
      oldRegisterId: old.id,
      newRegisterId: young.id,
      oldEquipmentId: "A",
      newEquipmentId: "B",
      closingIndex: kWh(1_000_000 + 3600),
      openingIndex: kWh(5000 + 180),
      closingUnit: "kWh",
      openingUnit: "kWh",
      name: "1-0:1.8.0",
      tariff: null,
      direction: "import",
    },
  ]);
  await swapped(device, old, young, swapMs, kWh(1_000_000 + wh(swapMs)), "5");
  await drain();
  expect(await findSuspectedSwaps(world.pool, [device.supplyPointId])).toEqual([]);
  const recorded = await findRecordedSwaps(world.pool, scope, [device.supplyPointId]);
  expect(recorded).toMatchObject([{ atMs: swapMs, oldEquipmentId: "A", openingIndex: "5" }]);
});

test("two meters that speak side by side are no swap", async () => {
  const { device, old, young } = await twoMeters();
  for (const register of [old, young]) {
    await world.commit(
      register,
      [0, 15, 30].map((minutes) => ({ atMs: START + minutes * MINUTE_MS, value: String(100 + minutes) })),
    );
  }
  await drain();
  expect(await findSuspectedSwaps(world.pool, [device.supplyPointId])).toEqual([]);
});

test("one register without a serial: an index that fell to another level is suspected, and the swap is a ruling", async () => {
  const device = await world.device();
  const register = await world.register(device, "1-0:1.8.0");
  await world.commit(
    register,
    ["1000", "1000.9", "400.3", "401.2"].map((value, at) => ({ atMs: START + at * QUARTER_MS, value })),
  );
  await drain();
  const [suspected] = await findSuspectedSwaps(world.pool, [device.supplyPointId]);
  expect(suspected).toMatchObject({ id: null, closingIndex: "1000.9", openingIndex: "400.3" });
  const atMs = START + 20 * MINUTE_MS;
  expect((await swapped(device, register, register, atMs, "1001.2", "399.7")).outcome).toBe("recorded");
  await drain();
  expect(await findSuspectedSwaps(world.pool, [device.supplyPointId])).toEqual([]);
  const quarters = await load(device, "quarter-hour");
  expect(quarters.slice(0, 4).map(({ value }) => value)).toEqual([900, 300 + 600, 900, null]);
});

test("what cannot be is refused: before the meter's own readings, of other registers, twice in a quarter-hour", async () => {
  const { device, old, young } = await twoMeters();
  const other = await world.register(await world.device(), "1-0:1.8.0");
  const exported = await world.register(device, "1-0:2.8.0", { direction: "export" });
  const swapMs = START + 100 * MINUTE_MS;
  await speak(old, young, swapMs, 5000);
  await drain();
  const closing = kWh(1_000_000 + wh(swapMs));
  const outcome = async (...swap: Parameters<typeof swapped>) => (await swapped(...swap)).outcome;
  expect(await outcome(device, old, young, swapMs, "900", "5")).toBe("closing_behind_reading");
  expect(await outcome(device, old, young, swapMs, closing, "9")).toBe("opening_ahead_of_reading");
  expect(await outcome(device, other, young, swapMs, closing, "5")).toBe("old_register_unknown");
  expect(await outcome(device, old, other, swapMs, closing, "5")).toBe("new_register_unknown");
  expect(await outcome(device, old, exported, swapMs, closing, "5")).toBe("registers_differ");
  expect(await outcome(device, old, young, swapMs, closing, "5")).toBe("recorded");
  expect(await outcome(device, young, young, swapMs + 10 * MINUTE_MS, "6", "0")).toBe("swap_too_close");
  expect(await outcome(device, old, young, swapMs + HOUR_MS, closing, "5")).toBe("old_not_in_force");
});
