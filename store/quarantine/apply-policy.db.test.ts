// Quarantine's policy on a real database: what goes, what stays, and that every deletion is counted.
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { DAY_MS, HOUR_MS } from "#devices/time";
import { applyQuarantinePolicy, openPool, QUARANTINE_POLICY, type Pool } from "#store";
import { freshDatabase, seedDevice, type FreshDatabase } from "#testing";

const NOW = Date.UTC(2026, 3, 20, 12);
const EVERYONE = { nowMs: NOW, activeSinceMs: 0 };

let database: FreshDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await freshDatabase();
  pool = openPool(database.url, { applicationName: "quarantine-policy-test" });
});
afterEach(() => pool.query("truncate quarantine, policy_deletion"));
afterAll(async () => {
  await pool.end();
  await database.drop();
});

type Row = {
  deviceId?: number | null;
  externalId?: string;
  atMs?: number;
  bytes?: number;
  replayed?: boolean;
};

/** Returns the rows' numbers, in their order. */
async function hold(rows: readonly Row[]): Promise<number[]> {
  const { rows: held } = await pool.query<{ id: number }>(
    `insert into quarantine
       (device_id, external_id, received_at, client_id, topic, payload, retained, profile, reason, detail, replayed_at)
     select device_id, external_id, at, 'c', 't', convert_to(repeat('x', bytes), 'UTF8'), false, 'senml',
       'reading_malformed', 'no', case when replayed then now() end
     from unnest($1::integer[], $2::text[], $3::timestamptz[], $4::integer[], $5::boolean[])
       with ordinality as r (device_id, external_id, at, bytes, replayed, n)
     order by n
     returning id::integer`,
    [
      rows.map(({ deviceId = null }) => deviceId),
      rows.map(({ externalId = null }: { externalId?: string | null }) => externalId),
      rows.map(({ atMs = NOW }) => new Date(atMs)),
      rows.map(({ bytes = 10 }) => bytes),
      rows.map(({ replayed = false }) => replayed),
    ],
  );
  return held.map(({ id }) => id);
}

async function left(): Promise<number[]> {
  const { rows } = await pool.query<{ id: number }>("select id::integer from quarantine order by id");
  return rows.map(({ id }) => id);
}

async function counted(): Promise<unknown[]> {
  const { rows } = await pool.query(
    `select policy, device_id as device, day, row_count::integer as rows, byte_count::integer as bytes
     from policy_deletion order by policy, device_id`,
  );
  return rows;
}

const device = async (): Promise<number> => (await seedDevice(pool)).context.id;
const times = (count: number, row: (i: number) => Row) => Array.from({ length: count }, (_, i) => row(i));
const small = {
  expiresAfterMs: 90 * DAY_MS,
  sender: { messagesMax: 3, bytesMax: 1000 },
  device: { messagesMax: 5, bytesMax: 2000 },
};

test("what was received more than ninety days ago expires, read again or not, and is counted by device and day", async () => {
  const id = await device();
  const atMs = NOW - QUARANTINE_POLICY.expiresAfterMs;
  const ids = await hold([
    { deviceId: id, atMs: atMs - 1, bytes: 7 },
    { deviceId: id, atMs },
    { deviceId: id, atMs: atMs - DAY_MS, bytes: 5, replayed: true },
    { atMs: atMs - 1, bytes: 3 },
  ]);
  const deletions = await applyQuarantinePolicy(pool, EVERYONE);
  expect(deletions).toEqual({ expired: { messages: 3, bytes: 15 }, overQuota: { messages: 0, bytes: 0 } });
  expect(await left()).toEqual([ids[1]]);
  const day = "2026-04-20";
  const expiry = { policy: "quarantine_expiry", day };
  expect(await counted()).toEqual([
    { ...expiry, device: 0, rows: 1, bytes: 3 },
    { ...expiry, device: id, rows: 2, bytes: 12 },
  ]);
  await hold([{ deviceId: id, atMs: 0, bytes: 1 }]);
  await applyQuarantinePolicy(pool, EVERYONE);
  expect(await counted()).toContainEqual({ ...expiry, device: id, rows: 3, bytes: 13 });
});

test("over its quota a device loses first what was read again, then its oldest; nobody else loses anything", async () => {
  const [loud, quiet] = [await device(), await device()];
  const ids = await hold([
    ...times(4, (i) => ({ deviceId: loud, atMs: NOW - 1000 * i })),
    { deviceId: loud, replayed: true, atMs: NOW + 5 },
    { deviceId: loud, replayed: true, atMs: NOW + 6 },
    { deviceId: loud, atMs: NOW - 5000 },
    { deviceId: loud, atMs: NOW - 9000 },
    ...times(5, () => ({ deviceId: quiet })),
  ]);
  const { overQuota } = await applyQuarantinePolicy(pool, EVERYONE, small);
  expect(overQuota).toEqual({ messages: 3, bytes: 30 });
  const gone = [ids[4], ids[5], ids[7]];
  expect(await left()).toEqual(ids.filter((id) => !gone.includes(id)));
  expect(await counted()).toMatchObject([{ policy: "quarantine_quota", device: loud, rows: 3, bytes: 30 }]);
  expect((await applyQuarantinePolicy(pool, EVERYONE, small)).overQuota.messages).toBe(0);
});

test("bytes count as well as messages", async () => {
  const id = await device();
  const ids = await hold(times(4, (i) => ({ deviceId: id, bytes: 600, atMs: NOW - i })));
  await applyQuarantinePolicy(pool, EVERYONE, small);
  expect(await left()).toEqual(ids.slice(0, 3));
});

test("of those that nobody has claimed each has a quota of its own: a flood of one leaves the others of its gateway", async () => {
  const gateway = await device();
  const ids = await hold([
    { deviceId: gateway, externalId: "shy", atMs: NOW - DAY_MS },
    ...times(20, (i) => ({ deviceId: gateway, externalId: "loud", atMs: NOW - i })),
    { deviceId: gateway, atMs: NOW - DAY_MS },
  ]);
  await applyQuarantinePolicy(pool, EVERYONE, small);
  expect(await left()).toEqual([...ids.slice(0, 4), ids.at(-1)]);
});

test("messages of no known device share one quota", async () => {
  const ids = await hold(times(7, (i) => ({ atMs: NOW - i })));
  await applyQuarantinePolicy(pool, EVERYONE, small);
  expect(await left()).toEqual(ids.slice(0, 5));
  expect(await counted()).toMatchObject([{ device: 0, rows: 2 }]);
});

test("only devices that were heard of since are looked at, unless everyone is", async () => {
  const id = await device();
  await hold(times(7, () => ({ deviceId: id, atMs: NOW - 2 * HOUR_MS })));
  await applyQuarantinePolicy(pool, { nowMs: NOW, activeSinceMs: NOW - HOUR_MS }, small);
  expect(await left()).toHaveLength(7);
  await applyQuarantinePolicy(pool, EVERYONE, small);
  expect(await left()).toHaveLength(5);
});

test("two workers at once delete each row once and count it once; a row that somebody else holds is left", async () => {
  const id = await device();
  await hold(times(12_000, (i) => ({ deviceId: id, atMs: NOW - i, bytes: 1 })));
  const busy = await pool.connect();
  await busy.query("begin; update quarantine set attempts = 1 where id = (select min(id) from quarantine)");
  const run = () => applyQuarantinePolicy(pool, { ...EVERYONE, nowMs: NOW + 91 * DAY_MS });
  const [one, two] = await Promise.all([run(), run()]);
  await busy.query("rollback");
  busy.release();
  expect(await left()).toHaveLength(1);
  expect(one.expired.messages + two.expired.messages).toBe(11_999);
  expect(await counted()).toMatchObject([{ device: id, rows: 11_999, bytes: 11_999 }]);
});
