// Odd registers through the worker on a real database: what is decided, what a ruling changes, and that it comes out the same again.
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { DAY_MS, HOUR_MS, MINUTE_MS, systemTime } from "#devices/time";
import type { RegisterState } from "#devices/vocabulary";
import { inTransaction, listDecisions, recordRuling, withdrawRuling, postgresStore } from "#store";
import { freshDatabase, type FreshDatabase } from "#testing";
import { createDrain } from "./drain-journal.ts";
import { silentLog, TestWorld, type TestReading, type TestRegister } from "./test-world.ts";

const START = Date.UTC(2026, 9, 24);
const signal = new AbortController().signal;

let database: FreshDatabase;
let world: TestWorld;
let accountId = 0;
beforeAll(async () => {
  database = await freshDatabase();
  world = new TestWorld(database.url);
  await world.building();
  const { rows } = await world.pool.query<{ id: number }>(
    `insert into account (organisation_id, email, role)
     select id, 'keeper@example.org', 'admin' from organisation limit 1 returning id`,
  );
  accountId = rows[0]?.id ?? 0;
});
beforeEach(() =>
  world.pool.query("truncate reading, journal, load_profile_day, unallocated, register_decision"),
);
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
  })(signal);

const at = (minutes: number) => START + minutes * MINUTE_MS;
const told = (values: readonly (readonly [number, string])[]): TestReading[] =>
  values.map(([minutes, value]) => ({ atMs: at(minutes), value }));

async function energies(register: TestRegister, count: number): Promise<(number | null)[]> {
  const quarters = await world.quarters(register.id, "2026-10-24");
  return quarters.slice(0, count).map(({ energy, status }) => (status === 0 ? null : energy));
}

async function pieces(register: TestRegister): Promise<[string, number][]> {
  const { rows } = await world.pool.query<{ cause: string; energy: number }>(
    "select cause, energy::float8 as energy from unallocated where register_id = $1 order by from_at, cause",
    [register.id],
  );
  return rows.map(({ cause, energy }) => [cause, energy]);
}

async function decided(register: TestRegister): Promise<string[]> {
  const all = await listDecisions(world.pool, [
    { registerId: register.id, fromMs: START - DAY_MS, toMs: START + 9 * DAY_MS },
  ]);
  return all
    .sort((left, right) => left.fromMs - right.fromMs)
    .map(({ kind, fromIndex, toIndex, rulingId }) =>
      [kind, fromIndex, toIndex, ...(rulingId === null ? [] : ["ruled"])].join(" "),
    );
}

function rule(
  register: TestRegister,
  kind: RegisterState,
  fromMs: number,
  toMs: number,
  indices: { closingIndex?: string; openingIndex?: string } = {},
): Promise<number> {
  return inTransaction(world.pool, async (client) => {
    const { id } = await recordRuling(client, {
      registerId: register.id,
      kind,
      fromMs,
      toMs,
      closingIndex: indices.closingIndex ?? null,
      openingIndex: indices.openingIndex ?? null,
      reason: "seen on site",
      accountId,
      atMs: START + 30 * DAY_MS,
    });
    return id;
  });
}

const withdraw = (register: TestRegister, id: number) =>
  inTransaction(world.pool, (client) =>
    withdrawRuling(client, register.id, id, { accountId, atMs: START + 31 * DAY_MS }),
  );

test("a zero, a sentinel and 53 MWh: each is decided with its evidence, and nothing of them is booked", async () => {
  const register = await world.register(await world.device(), "odd");
  await world.commit(
    register,
    told([
      [0, "100"],
      [15, "100.1"],
      [20, "0.0"],
      [30, "100.2"],
      [45, "100.3"],
      [50, "4294967.295"],
      [60, "100.4"],
      [75, "53100.4"],
      [90, "53100.5"],
    ]),
  );
  await drain();
  expect(await energies(register, 7)).toEqual([100, null, 100, 100, null, 100, null]);
  expect(await pieces(register)).toEqual([
    ["glitch", -100_100],
    ["glitch", 100_200],
    ["spike", 53_000_000],
  ]);
  expect(await decided(register)).toEqual([
    "glitch 100.1 0",
    "glitch 0 100.2",
    "glitch 4294967.295 4294967.295",
    "spike 100.4 53100.4",
  ]);
});

test("sentinels before and after a silence do not hide the readings beyond them", async () => {
  const register = await world.register(await world.device(), "hidden");
  const hours = (count: number) => 60 * count;
  const sentinels = [...Array(6).keys()].map((at) => hours(42) + 10 * at);
  await world.commit(
    register,
    told([
      [hours(10), "100"],
      [hours(10) + 15, "100.2"],
      ...[...sentinels, hours(45), hours(46)].map((minutes) => [minutes, "4294967.295"] as const),
    ]),
  );
  await drain();
  // Of the third day alone: what comes before it are sentinels, near and further away.
  await world.commit(
    register,
    told([
      [hours(53), "130.2"],
      [hours(53) + 15, "130.4"],
    ]),
  );
  await drain();
  expect(await pieces(register)).toEqual([["gap", 30_000]]);
});

test("a ruling recomputes, keeps the other decisions as they were, and taken back it is as before", async () => {
  const register = await world.register(await world.device(), "ruled");
  await world.commit(
    register,
    told([
      [0, "100"],
      [15, "400"],
      [30, "400.1"],
      [40, "0"],
      [45, "400.2"],
    ]),
  );
  await drain();
  const before = await world.profiles();
  expect(await energies(register, 2)).toEqual([null, 100]);
  const since = async () => {
    const { rows } = await world.pool.query<{ at: Date }>(
      "select decided_at as at from register_decision where register_id = $1 and from_at = $2",
      [register.id, new Date(at(40))],
    );
    return rows[0]?.at.getTime();
  };
  const decidedAt = await since();
  const id = await rule(register, "ok", at(0), at(15));
  expect(await rule(register, "ok", at(0), at(15))).toBe(id);
  await drain();
  expect(await energies(register, 2)).toEqual([300_000, 100]);
  expect(await decided(register)).toEqual(["ok 100 400 ruled", "glitch 400.1 0", "glitch 0 400.2"]);
  expect(await since()).toBe(decidedAt);
  expect(await withdraw(register, id)).toBe("withdrawn");
  expect(await withdraw(register, id)).toBe("unknown");
  await drain();
  expect(await world.profiles()).toEqual(before);
});

test("a counter that turned over midnight, and a meter swapped within a quarter-hour, lose nothing", async () => {
  const register = await world.register(await world.device(), "turned");
  const midnight = 1440;
  await world.commit(
    register,
    told([
      [midnight - 30, "99999.7"],
      [midnight - 10, "99999.9"],
      [midnight + 5, "0.05"],
      [midnight + 15, "0.15"],
      [midnight + 30, "7.1"],
    ]),
  );
  await rule(register, "swap", at(midnight + 20), at(midnight + 20), {
    closingIndex: "0.2",
    openingIndex: "7",
  });
  await drain();
  const first = await world.quarters(register.id, "2026-10-24");
  const second = await world.quarters(register.id, "2026-10-25");
  const booked = [...first, ...second].reduce((sum, quarter) => sum + quarter.energy, 0);
  // 0.2 to the last digit and 0.15 behind it, 0.05 until the swap, 0.1 after it; what was before 23:30 is nobody's.
  expect(booked).toBe(300 + 150 + 50 + 100);
  expect(await pieces(register)).toEqual([
    ["rollover", -100_000_000],
    ["swap", 6800],
  ]);
});

/** 10 Wh in each quarter-hour of so many days. */
const steady = (days: number): (readonly [number, string])[] =>
  Array.from({ length: 96 * days + 1 }, (_, at) => [15 * at, (100 + at / 100).toFixed(2)]);

const slipped = (values: readonly (readonly [number, string])[], from: number, to: number) =>
  values.map(
    ([minutes, value]) =>
      [minutes, minutes >= from && minutes < to ? String(Math.round(1000 * Number(value))) : value] as const,
  );

test("a unit that slips for days: nothing of it is booked, and what comes behind it is", async () => {
  const register = await world.register(await world.device(), "slipped");
  const values = slipped(steady(5), 1440 + 60, 4 * 1440 + 30);
  for (let day = 0; day < 5; day++) {
    await world.commit(register, told(values.slice(96 * day, 96 * (day + 1) + 1)));
    await drain();
  }
  expect(await pieces(register)).toEqual([["gap", 2870]]);
  expect(await decided(register)).toEqual(["glitch 100.99 101000", "glitch 103850 103.86"]);
  const days = await Promise.all(
    ["24", "25", "26", "27", "28"].map((day) => world.quarters(register.id, `2026-10-${day}`)),
  );
  expect(days.map((quarters) => quarters.reduce((sum, { energy }) => sum + energy, 0))).toEqual([
    960, 30, 0, 0, 940,
  ]);
});

test("the reading that shows it comes last: all days behind it are computed again, to the next edge", async () => {
  const register = await world.register(await world.device(), "late");
  const values = slipped(steady(5), 1440, 4 * 1440);
  await world.commit(register, told(values.filter(([minutes]) => minutes >= 1440)));
  await drain();
  expect((await energies(register, 96)).every((energy) => energy === null)).toBe(true);
  const second = async () => (await world.quarters(register.id, "2026-10-25"))[4];
  expect(await second()).toEqual({ energy: 10_000, status: 4 });
  await world.commit(register, told(values.filter(([minutes]) => minutes < 1440)));
  await drain();
  expect(await second()).toEqual({ energy: 0, status: 0 });
  const kept = await world.profiles();
  await world.forgetProfiles();
  await drain();
  expect(await world.profiles()).toEqual(kept);
  expect(await pieces(register)).toEqual([["gap", 2890]]);
});

test("a unit that is right again after a silence over midnight is held against the last reading before the silence", async () => {
  const register = await world.register(await world.device(), "silent");
  const noon = 1440 + 720;
  await world.commit(
    register,
    told([
      [600, "100"],
      [615, "100010"],
      [630, "100020"],
    ]),
  );
  await drain();
  await world.commit(
    register,
    told([
      [noon, "100.9"],
      [noon + 15, "100.91"],
    ]),
  );
  await drain();
  expect(await decided(register)).toEqual(["glitch 100 100010", "glitch 100020 100.9"]);
  expect(await pieces(register)).toEqual([["gap", 900]]);
  expect((await world.quarters(register.id, "2026-10-25"))[48]).toEqual({ energy: 10, status: 4 });
});

test("a ruling on the step at which a unit slips counts all that follows, and taken back nothing of it", async () => {
  const register = await world.register(await world.device(), "reconfigured");
  await world.commit(register, told(slipped(steady(4), 1440, Infinity)));
  await drain();
  const before = await world.profiles();
  const last = async () => (await world.quarters(register.id, "2026-10-27"))[4];
  expect(await last()).toEqual({ energy: 0, status: 0 });
  const id = await rule(register, "spike", at(1425), at(1440));
  await drain();
  expect(await last()).toEqual({ energy: 10_000, status: 4 });
  expect(await decided(register)).toEqual(["spike 100.95 100960 ruled"]);
  await withdraw(register, id);
  await drain();
  expect(await world.profiles()).toEqual(before);
});

test("the causes are the states, and those of an earlier version may still be there", async () => {
  const { rows } = await world.pool.query<{ definition: string }>(
    `select pg_get_constraintdef(oid) as definition from pg_constraint where conname = 'unallocated_cause_known'`,
  );
  for (const cause of ["gap", "partial", "glitch", "reset", "rollover", "swap", "spike", "index_drop"])
    expect(rows[0]?.definition).toContain(`'${cause}'`);
});

test("in whatever order readings and rulings are committed, the rows are those recomputed from all of them", async () => {
  const device = await world.device();
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          minutes: fc.integer({ min: 0, max: 2800 }),
          value: fc.oneof(
            fc.constantFrom("0.0", "4294967.295", "99999.9", "0.1"),
            fc.integer({ min: 99_000, max: 99_999 }).map((tenths) => (tenths / 10).toFixed(1)),
            fc.integer({ min: 99_000, max: 99_999 }).map((tenths) => String(100 * tenths)),
          ),
        }),
        { minLength: 3, maxLength: 14 },
      ),
      fc.array(
        fc.record({
          kind: fc.constantFrom<RegisterState>("ok", "glitch", "reset", "rollover", "swap", "spike"),
          first: fc.nat(13),
          length: fc.constantFrom(0, 1, 1, 3),
          closing: fc.constantFrom(undefined, "9950"),
          opening: fc.constantFrom(undefined, "3"),
        }),
        { maxLength: 2 },
      ),
      fc.infiniteStream(fc.nat()),
      async (values, said, keys) => {
        const register = await world.register(device, `order ${runs++}`);
        const sorted = [...values].sort((left, right) => left.minutes - right.minutes);
        const arrivals = [
          ...values.map((one) => () => world.commit(register, told([[one.minutes, one.value]]))),
          ...said.map((one) => async () => {
            const from = sorted[one.first % sorted.length]?.minutes ?? 0;
            const to =
              sorted[Math.min(sorted.length - 1, (one.first % sorted.length) + one.length)]?.minutes ?? from;
            await rule(register, one.kind, at(from), at(to), {
              ...(one.closing !== undefined && { closingIndex: one.closing }),
              ...(one.opening !== undefined && { openingIndex: one.opening }),
            });
          }),
        ]
          .map((act) => ({ act, key: keys.next().value }))
          .sort((left, right) => left.key - right.key);
        for (const [place, { act }] of arrivals.entries()) {
          await act();
          if (place % 3 === 0) await Promise.all([drain(), drain()]);
        }
        await drain();
        const kept = await world.profiles();
        await world.forgetProfiles();
        await world.journal([register.id], [START, START + 49 * HOUR_MS]);
        await drain();
        const again = await world.profiles();
        await world.pool.query("delete from reading where device_id = $1", [device.id]);
        await world.pool.query("truncate load_profile_day, unallocated, register_decision, journal");
        expect(again).toEqual(kept);
      },
    ),
    { numRuns: 25 },
  );
});
