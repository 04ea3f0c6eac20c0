// The account of a register over HTTP: it adds up, says what is in no quarter-hour and why, and shows a watt-hour that is missing.
import { afterAll, beforeAll, expect, test } from "vitest";
import { fingerprint, packDecimals } from "#devices/decimal";
import { createDrain } from "#worker";
import { postgresStore } from "#store";
import { testApi, testWorld, type TestApi, type World } from "./test-api.ts";

const nowMs = Date.UTC(2026, 2, 10);
const time = { now: () => nowMs };
const DAY = "from=2026-03-01&to=2026-03-02";

let api: TestApi;
let world: World;

beforeAll(async () => {
  api = await testApi({ time });
  world = await testWorld(api);
  await tell(world.home.commonDevice, world.home.commonRegister, [
    ["10:05", "1000.0000"],
    ["10:15", "1000.1004"],
    ["10:25", "1000.3000"],
    ["10:35", "1000.4000"],
    // Silent for more than two hours, and then begun anew.
    ["15:07", "1003.0000"],
    ["15:15", "1003.2000"],
    ["15:20", "0.0500"],
    ["15:30", "0.2500"],
    ["15:45", "0.5500"],
  ]);
});
afterAll(() => api.stop());

/** Of 2026-03-01, until its profile is computed. */
async function tell(
  deviceId: string,
  registerId: string,
  told: readonly (readonly [string, string])[],
): Promise<void> {
  const { rows } = await api.pool.query<{ id: number }>(
    "insert into layout (device_id, register_ids) values ($1, $2) returning id",
    [deviceId, [registerId]],
  );
  for (const [at, value] of told) {
    const packed = packDecimals([value]);
    await api.pool.query(
      `insert into reading (device_id, layout_id, observed_at, received_at, clock, flags, fingerprint, "values")
       values ($1, $2, $3, $3, 0, 0, $4, $5)`,
      [deviceId, rows[0]?.id, `2026-03-01T${at}:00Z`, fingerprint(packed), packed],
    );
  }
  await stale(registerId);
  const log = { debug: () => undefined, error: (fields: object) => expect(fields).toEqual({}) };
  await createDrain({ store: postgresStore(api.pool), time, log })(new AbortController().signal);
}

const stale = (registerId: string) =>
  api.pool.query("insert into journal (register_ids, days) values ($1, '{2026-03-01}')", [[registerId]]);

const account = (query: string, token = world.tokens.admin, id = world.home.commonRegister) =>
  api.ask("GET", `/v1/registers/${id}/account?${query}`, { token });

test("quarter-hours and pieces are what the index went by, a reset and a silence by name", async () => {
  const whole = await account(DAY);
  expect([whole.statusCode, whole.json()]).toEqual([
    200,
    {
      quantity: "energy",
      unit: "Wh",
      from: "2026-03-01T00:00:00.000Z",
      to: "2026-03-02T00:00:00.000Z",
      opening: { at: "2026-03-01T10:05:00.000Z", index: 1_000_000 },
      closing: { at: "2026-03-01T15:45:00.000Z", index: 550 },
      // 10:15 to 10:30 and 15:30 to 15:45.
      allocated: 250 + 300,
      unallocated: 100 + 50 + 2600 + 200 - 1_003_150 + 200,
      unaccounted: 0,
      closes: true,
      items: [
        { from: "2026-03-01T10:05:00.000Z", to: "2026-03-01T10:15:00.000Z", energy: 100, cause: "partial" },
        { from: "2026-03-01T10:30:00.000Z", to: "2026-03-01T10:35:00.000Z", energy: 50, cause: "partial" },
        { from: "2026-03-01T10:35:00.000Z", to: "2026-03-01T15:07:00.000Z", energy: 2600, cause: "gap" },
        { from: "2026-03-01T15:07:00.000Z", to: "2026-03-01T15:15:00.000Z", energy: 200, cause: "partial" },
        {
          from: "2026-03-01T15:15:00.000Z",
          to: "2026-03-01T15:20:00.000Z",
          energy: -1_003_150,
          cause: "reset",
        },
        { from: "2026-03-01T15:20:00.000Z", to: "2026-03-01T15:30:00.000Z", energy: 200, cause: "partial" },
      ],
      nextCursor: null,
    },
  ]);
});

test("a span that cuts a quarter-hour and a silence is told of as far as they reach, page by page", async () => {
  const cut = "from=2026-03-01T10:22:00Z&to=2026-03-01T12:00:00Z&limit=1";
  const first = (await account(cut)).json<{ nextCursor: string }>();
  expect(first).toMatchObject({
    from: "2026-03-01T10:15:00.000Z",
    to: "2026-03-01T15:07:00.000Z",
    opening: { at: "2026-03-01T10:15:00.000Z", index: 1_000_100 },
    closing: { at: "2026-03-01T15:07:00.000Z", index: 1_003_000 },
    allocated: 250,
    unallocated: 2650,
    closes: true,
    items: [{ cause: "partial" }],
  });
  expect((await account(`${cut}&cursor=${first.nextCursor}`)).json()).toMatchObject({
    unallocated: 2650,
    items: [{ cause: "gap" }],
    nextCursor: null,
  });
  expect((await account("from=2026-03-05&to=2026-03-06")).json()).toMatchObject({
    opening: null,
    closing: null,
    allocated: 0,
    unallocated: 0,
    closes: true,
    items: [],
  });
});

test("it is seen by whom the readings are, and asked of what has a profile, in a span that is answered", async () => {
  const { tokens, strangers, home } = world;
  for (const token of [tokens.manager, tokens.resident])
    expect((await account(DAY, token)).statusCode).toBe(200);
  expect((await account(DAY, tokens.coordinator)).json()).toMatchObject({ code: "consent_missing" });
  expect((await account(DAY, tokens.manager, home.privateRegister)).statusCode).toBe(404);
  expect((await account(DAY, strangers.manager)).statusCode).toBe(404);
  await api.pool.query("update register set quantity = 'power', kind = 'instantaneous' where id = $1", [
    home.privateRegister,
  ]);
  expect((await account(DAY, tokens.admin, home.privateRegister)).json()).toMatchObject({
    code: "state_forbidden",
    reason: "register_without_profile",
  });
  expect((await account("from=2010-01-01&to=2026-03-02")).json()).toMatchObject({
    code: "span_too_long",
    maximumDays: 3660,
  });
  for (const span of ["from=2026-03-02&to=2026-03-01", "from=9999-12-31&to=9999-12-31T12:00:00Z"])
    expect((await account(span)).statusCode).toBe(400);
  expect((await account("from=9999-12-30&to=9999-12-31")).statusCode).toBe(200);
});

test("a watt-hour too much, a piece that is missing: it does not close, but for days that wait to be computed", async () => {
  const { commonRegister } = world.home;
  const closes = async () => {
    const { unaccounted, closes: answer } = (await account(DAY)).json<Record<string, unknown>>();
    return [unaccounted, answer];
  };
  await api.pool.query(
    `update load_profile_day set quarters = set_byte(quarters, 4 * 41, get_byte(quarters, 4 * 41) + 1)
     where register_id = $1 and day = '2026-03-01'`,
    [commonRegister],
  );
  expect(await closes()).toEqual([1, false]);
  await api.pool.query("delete from unallocated where register_id = $1 and cause = 'gap'", [commonRegister]);
  expect(await closes()).toEqual([1 - 2600, false]);
  await stale(commonRegister);
  expect(await closes()).toEqual([1 - 2600, null]);
});
