// What becomes of quarantine rows that are read again while their device is claimed or removed.
import { afterAll, beforeAll, expect, test } from "vitest";
import { claimDevice, inTransaction, openPool, removeDevice, RowBuffer, scopeOf, storeBatch } from "#store";
import type { Pool, RawMessage, ReadingBatch } from "#store";
import { freshDatabase, seedDevice, type FreshDatabase } from "#testing";

const NOW = Date.UTC(2026, 0, 15, 12);
const admin = scopeOf({ id: 1, role: "admin", organisationId: 1, unitId: null }, NOW);

let database: FreshDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await freshDatabase();
  pool = openPool(database.url, { applicationName: "settle-replays-test" });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

/** Messages that a gateway, or a device, was heard saying; returns their rows. */
async function hold(deviceId: number, names: readonly (string | null)[]): Promise<number[]> {
  const { rows } = await pool.query<{ id: number }>(
    `insert into quarantine (device_id, external_id, received_at, client_id, topic, payload, retained, profile, reason, detail)
     select $1, name, $2, 'g', 't', convert_to(place::text, 'UTF8'), false, 'senml', 'device_unclaimed', 'nobody claimed it'
     from unnest($3::text[]) with ordinality as said (name, place)
     order by place
     returning id::integer`,
    [deviceId, new Date(NOW), names],
  );
  return rows.map(({ id }) => id);
}

const rowOf = async (id: number) =>
  (
    await pool.query(
      `select device_id, external_id, reason, replayed_at is not null as replayed, replay_requested_at as requested
       from quarantine where id = $1`,
      [id],
    )
  ).rows[0];

/** An attempt at those rows that ends now, as if the device had said them. */
function attempt(deviceId: number, ids: readonly number[], refused: boolean): ReadingBatch {
  const message = {
    clientId: "g",
    topic: "t",
    payload: Buffer.from("?"),
    retained: false,
    receivedAtMs: NOW,
  };
  const device = { id: deviceId, profile: "senml" };
  return {
    rows: new RowBuffer(),
    rowEnds: ids.map(() => 0),
    messages: ids.map((id): RawMessage => ({ ...message, device, replayOf: id })),
    rejections: ids.map(() => (refused ? { reason: "reading_malformed", detail: "no" } : undefined)),
    touches: [],
    replays: true,
  };
}

const never = async (error: unknown): Promise<void> => {
  throw error;
};

async function claim(gatewayId: number, externalId: string): Promise<number> {
  const claimed = { gatewayId, externalId, name: "meter", profile: undefined, expectedIntervalS: null };
  const outcome = await inTransaction(pool, (client) =>
    claimDevice(client, admin, { ...claimed, supplyPoints: {} }),
  );
  if (typeof outcome === "string") throw new Error(outcome);
  return outcome.deviceId;
}

const gatewayId = async () => (await seedDevice(pool, { profile: "gateway" })).context.id;

test("what a gateway was heard saying of a device is the device's once it is settled", async () => {
  const gateway = await gatewayId();
  await hold(gateway, ["a"]);
  const child = await claim(gateway, "a");
  // Of a broker that had not heard of the claim.
  const [late = 0] = await hold(gateway, ["a"]);
  await storeBatch(pool, attempt(child, [late], false), never);
  expect(await rowOf(late)).toMatchObject({ device_id: child, external_id: null, replayed: true });
});

test("an attempt that is refused after the device was removed leaves its message to the gateway", async () => {
  const gateway = await gatewayId();
  const [row = 0] = await hold(gateway, ["a"]);
  const child = await claim(gateway, "a");
  await inTransaction(pool, (client) => removeDevice(client, admin, child));
  const unclaimed = { device_id: gateway, external_id: "a", reason: "device_unclaimed", replayed: false };
  expect(await rowOf(row)).toMatchObject({ ...unclaimed, requested: null });
  await storeBatch(pool, attempt(child, [row], true), never);
  expect(await rowOf(row)).toMatchObject(unclaimed);
  const again = await claim(gateway, "a");
  expect(await rowOf(row)).toMatchObject({ device_id: again, external_id: null });
});

test("a claim takes along what was still written for a removed device of that name", async () => {
  const gateway = await gatewayId();
  await hold(gateway, ["a"]);
  const removed = await claim(gateway, "a");
  await inTransaction(pool, (client) => removeDevice(client, admin, removed));
  const [late = 0] = await hold(removed, [null]);
  const again = await claim(gateway, "a");
  expect(await rowOf(late)).toMatchObject({ device_id: again });
  expect((await rowOf(late)).requested).not.toBeNull();
});

test("a claim and an attempt at the same messages wait for each other, whichever order they find them in", async () => {
  const gateway = await gatewayId();
  const other = await gatewayId();
  const ids = await hold(gateway, ["a", "a", "a"]);
  // Enough for the claim to go through an index, which has the newest first.
  await hold(
    other,
    Array.from({ length: 5000 }, () => "b"),
  );
  await pool.query("analyze quarantine");
  const middle = await pool.connect();
  await middle.query("begin");
  await middle.query("select 1 from quarantine where id = $1 for update", [ids[1]]);
  const waiting = async () => {
    const { rows } = await pool.query(
      "select count(*)::integer as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
    );
    return rows[0].n;
  };
  const claimed = claim(gateway, "a");
  claimed.catch(() => undefined);
  await expect.poll(waiting, { timeout: 10_000 }).toBe(1);
  // The rows are asked for oldest first.
  const settled = storeBatch(pool, attempt(other, ids, false), never);
  settled.catch(() => undefined);
  await expect.poll(waiting, { timeout: 10_000 }).toBe(2);
  await middle.query("commit");
  middle.release();
  await expect(Promise.all([claimed, settled])).resolves.toHaveLength(2);
});
