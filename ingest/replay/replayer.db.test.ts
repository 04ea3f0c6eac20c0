// Messages read again out of quarantine on a real database: once, whole, and as the world is today.
import { pino } from "pino";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { createIngest, createReplayer, type IngestMessage, type Replayer } from "#ingest";
import {
  listReadings,
  moveUnclaimed,
  openPool,
  requestReplay,
  type DeviceContext,
  type Pool,
  postgresStore,
} from "#store";
import { freshDatabase, seedDevice, type FreshDatabase } from "#testing";
import { connectTo } from "../connectors/test-connectors.ts";
import { NO_DEVICE } from "../message.ts";
import { jsonDecoder, written } from "../test-decoder.ts";

/** The machine may be busy with other tests. */
const SOON = { timeout: 15_000 };
const NOW = Date.UTC(2026, 0, 15, 12);
const log = pino({ level: "silent" });
const time = { now: () => NOW };
const power = { name: "power", kind: "instantaneous", quantity: "power", unit: "W", tariff: null } as const;

let database: FreshDatabase;
let pool: Pool;
let replayers: Replayer[] = [];
/** What a test holds that others would wait for, should it fail half-way. */
let heldLocks: (() => Promise<void>)[] = [];
beforeAll(async () => {
  database = await freshDatabase();
  pool = openPool(database.url, { applicationName: "replayer-test" });
});
afterEach(async () => {
  for (const release of heldLocks) await release();
  heldLocks = [];
  await Promise.all(replayers.map((replayer) => replayer.close()));
  replayers = [];
  await pool.query("alter table reading drop constraint if exists narrow; truncate quarantine");
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

/** Only `senml` has a decoder here: any other profile is a device that was registered wrongly. */
const decoderOf = (profile: string) => (profile === "senml" ? jsonDecoder : undefined);

function replayer(over: { wake?: () => void; pool?: Pool } = {}): Replayer {
  const made = createReplayer({ pool, time, log, decoderOf, ...over });
  replayers.push(made);
  return made;
}

async function send(...messages: readonly Partial<IngestMessage>[]): Promise<void> {
  const ingest = createIngest({ store: postgresStore(pool), time, log, decoderOf });
  const base = { clientId: "meter", topic: "t", qos: 1, retained: false, receivedAtMs: NOW } as const;
  await Promise.all(
    messages.map(
      (one) => new Promise<void>((done) => ingest.accept({ ...base, ...one } as IngestMessage, done)),
    ),
  );
  await ingest.close();
}

type Held = {
  id: number;
  device_id: number | null;
  reason: string;
  detail: string;
  profile: string;
  attempts: number;
  replayed: boolean;
  requested: boolean;
  received_at: Date;
};

async function held(): Promise<Held[]> {
  const { rows } = await pool.query<Held>(
    `select id::integer, device_id, reason, detail, profile, attempts, replayed_at is not null as replayed,
       replay_requested_at is not null as requested, received_at from quarantine order by id`,
  );
  return rows;
}

async function values(deviceId: number, name: string): Promise<string[]> {
  const { rows } = await pool.query<{ id: number }>(
    "select id from register where device_id = $1 and name = $2",
    [deviceId, name],
  );
  const { items } = await listReadings(pool, rows[0]?.id ?? 0, { fromMs: 0, toMs: 2 * NOW, limit: 10_000 });
  return items.map(({ observedAtMs, value }) => `${(observedAtMs - NOW) / 1000} ${value}`);
}

const setProfile = (device: DeviceContext, profile: string) =>
  pool.query("update device set profile = $2 where id = $1", [device.id, profile]);

test("after the profile was mended, what waited becomes readings with their own arrival, and profiles are woken", async () => {
  const { context } = await seedDevice(pool, { profile: "dsmr-p1" });
  await send(
    { device: context, payload: written({ value: "1", atMs: NOW }), receivedAtMs: NOW - 5000 },
    { device: context, payload: written({ value: "2", atMs: NOW + 1000 }) },
  );
  expect((await held()).map(({ reason, replayed }) => [reason, replayed])).toEqual([
    ["reading_malformed", false],
    ["reading_malformed", false],
  ]);
  await setProfile(context, "senml");
  let woken = 0;
  const again = replayer({ wake: () => (woken += 1) });
  expect(await requestReplay(pool, { deviceId: context.id, reason: "reading_malformed" })).toBe(2);
  again.wake();
  await expect.poll(async () => (await held()).filter(({ replayed }) => replayed).length, SOON).toBe(2);
  expect(await values(context.id, "1-0:1.8.1")).toEqual(["0 1", "1 2"]);
  expect((await held()).map(({ attempts, requested }) => [attempts, requested])).toEqual([
    [1, false],
    [1, false],
  ]);
  const { rows } = await pool.query(
    "select received_at from reading where device_id = $1 order by observed_at",
    [context.id],
  );
  expect(rows).toEqual([{ received_at: new Date(NOW - 5000) }, { received_at: new Date(NOW) }]);
  expect(woken).toBeGreaterThan(0);
});

test("what is refused again keeps its row, with the reason found now", async () => {
  const { context } = await seedDevice(pool, { profile: "dsmr-p1" });
  await send({ device: context, payload: written({ value: "1", atMs: 0 }) });
  await setProfile(context, "senml");
  const [before] = await held();
  const id = before?.id ?? 0;
  expect(await replayer().replay(id)).toBe("tried");
  expect(await held()).toMatchObject([
    { id, reason: "time_before_2000", profile: "senml", attempts: 1, replayed: false, requested: false },
  ]);
  await setProfile(context, "dsmr-p1");
  expect(await replayer().replay(id)).toBe("tried");
  expect(await held()).toMatchObject([
    { id, reason: "reading_malformed", profile: "dsmr-p1", attempts: 2, replayed: false },
  ]);
});

test("of a message that was good in part, only the part that was refused is added", async () => {
  const { context } = await seedDevice(pool);
  await send({
    device: context,
    payload: written({ spec: { name: "b", unit: "Wh" }, value: "7", atMs: NOW }),
  });
  const payload = written(
    { spec: { name: "a" }, value: "1", atMs: NOW + 1000 },
    { spec: power, value: "40" },
    { spec: { name: "b" }, value: "2", atMs: NOW + 1000 },
  );
  await send({ device: context, payload });
  const [row] = await held();
  expect(row).toMatchObject({ reason: "unit_contradicts_register" });
  await pool.query("update register set unit = 'kWh' where device_id = $1 and name = 'b'", [context.id]);
  expect(await replayer().replay(row?.id ?? 0)).toBe("tried");
  expect(await held()).toMatchObject([{ replayed: true }]);
  expect(await values(context.id, "a")).toEqual(["1 1"]);
  expect(await values(context.id, "power")).toEqual(["0 40"]);
  expect(await values(context.id, "b")).toEqual(["0 7", "1 2"]);
});

test("a message of which everything is stored meanwhile leaves quarantine and doubles nothing", async () => {
  const { context } = await seedDevice(pool, { profile: "dsmr-p1" });
  const payload = written({ value: "1", atMs: NOW }, { spec: power, value: "3", atMs: NOW });
  await send({ device: context, payload }, { device: context, payload, receivedAtMs: NOW + 1 });
  await setProfile(context, "senml");
  await send({ device: { ...context, profile: "senml" }, payload, receivedAtMs: NOW + 2 });
  await requestReplay(pool, { deviceId: context.id });
  replayer().wake();
  await expect.poll(async () => (await held()).every(({ replayed }) => replayed), SOON).toBe(true);
  const { rows } = await pool.query("select 1 from reading where device_id = $1", [context.id]);
  expect(rows).toHaveLength(1);
});

test("what a foreign broker had kept becomes a reading only with a time of its own, though it waited in quarantine", async () => {
  const { context: gateway } = await seedDevice(pool);
  const { context } = await seedDevice(pool, { profile: "dsmr-p1" });
  await connectTo(pool, gateway.id, { url: "mqtt://broker.test", password: "their word" });
  const { rows } = await pool.query<{ client_id: string }>("select client_id from connector");
  const session = rows[0]?.client_id ?? "";
  const untimed = (name: string) => written({ spec: { ...power, name }, value: "3" });
  const index = (name: string, more: object) =>
    written({ spec: { name, timedByBroker: true }, value: "9", ...more });
  await send(
    { device: context, payload: untimed("kept"), retained: true, clientId: session },
    { device: context, payload: index("keptIndex", {}), retained: true, clientId: session },
    { device: context, payload: index("timed", { atMs: NOW - 5000 }), retained: true, clientId: session },
    { device: context, payload: untimed("new"), clientId: session },
    { device: context, payload: untimed("own"), retained: true, clientId: "meter" },
  );
  await setProfile(context, "senml");
  await requestReplay(pool, { deviceId: context.id });
  replayer().wake();
  await expect.poll(async () => (await held()).every(({ replayed }) => replayed), SOON).toBe(true);
  for (const name of ["kept", "keptIndex"]) expect(await values(context.id, name)).toEqual([]);
  expect(await values(context.id, "timed")).toEqual(["-5 9"]);
  for (const name of ["new", "own"]) expect(await values(context.id, name)).toEqual(["0 3"]);
});

test("two copies in quarantine of what is nowhere yet become one reading, read by two processes at once too", async () => {
  const { context } = await seedDevice(pool, { profile: "dsmr-p1" });
  await send(
    ...Array.from({ length: 600 }, (_, i) => ({
      device: context,
      payload: written({ value: `${i >> 1}`, atMs: NOW + 1000 * (i >> 1) }),
      receivedAtMs: NOW + i,
    })),
  );
  await setProfile(context, "senml");
  expect(await requestReplay(pool, { deviceId: context.id })).toBe(600);
  replayer().wake();
  replayer().wake();
  await expect.poll(async () => (await held()).every(({ replayed }) => replayed), SOON).toBe(true);
  expect(await values(context.id, "1-0:1.8.1")).toEqual(Array.from({ length: 300 }, (_, i) => `${i} ${i}`));
  expect((await held()).every(({ attempts }) => attempts === 1)).toBe(true);
});

test("what the store refuses of a replay costs that message alone, and its row says so", async () => {
  const { context } = await seedDevice(pool, { profile: "dsmr-p1" });
  const wide = written(
    ...Array.from({ length: 20 }, (_, i) => ({ spec: { name: `w${i}` }, value: "123.456", atMs: NOW })),
  );
  await send(
    { device: context, payload: written({ value: "1", atMs: NOW }) },
    { device: context, payload: wide },
    { device: context, payload: written({ value: "2", atMs: NOW + 1000 }) },
  );
  await setProfile(context, "senml");
  await pool.query(
    `alter table reading add constraint narrow check (octet_length("values") <= 40) not valid`,
  );
  await requestReplay(pool, { deviceId: context.id });
  replayer().wake();
  await expect.poll(async () => (await held()).every(({ requested }) => !requested), SOON).toBe(true);
  expect((await held()).map(({ reason, replayed }) => `${reason} ${replayed}`).sort()).toEqual([
    "reading_malformed true",
    "reading_malformed true",
    "refused_by_store false",
  ]);
  expect(await values(context.id, "1-0:1.8.1")).toEqual(["0 1", "1 2"]);
});

/** Who waits for a lock in this database. */
async function waiting(): Promise<number> {
  const { rows } = await pool.query(
    `select 1 from pg_locks l join pg_database d on d.oid = l.database
     where not l.granted and d.datname = current_database()`,
  );
  return rows.length;
}

/** Holds every commit of readings just before its end: the journal is written last. */
async function holdCommits() {
  const blocker = await pool.connect();
  await blocker.query("begin; lock table journal in exclusive mode");
  heldLocks.push(async () => {
    await blocker.query("rollback");
    blocker.release();
  });
  return {
    met: () => expect.poll(waiting, SOON).toBeGreaterThan(0),
    release: () => (heldLocks.pop() ?? (() => Promise.resolve()))(),
  };
}

test("readings and the row's settlement are one commit: while it is held, neither is seen", async () => {
  const { context } = await seedDevice(pool, { profile: "dsmr-p1" });
  await send({ device: context, payload: written({ value: "1", atMs: NOW }) });
  await setProfile(context, "senml");
  // Its register exists: creating one would be held too, and long before the commit.
  const known = { ...context, profile: "senml" } as const;
  await send({ device: known, payload: written({ value: "0", atMs: NOW - 1000 }) });
  const [row] = await held();
  const commits = await holdCommits();
  const trying = replayer().replay(row?.id ?? 0, 30_000);
  await commits.met();
  expect(await held()).toMatchObject([{ replayed: false, requested: true }]);
  expect(await values(context.id, "1-0:1.8.1")).toEqual(["-1 0"]);
  await commits.release();
  expect(await trying).toBe("tried");
  expect(await held()).toMatchObject([{ replayed: true, requested: false }]);
  expect(await values(context.id, "1-0:1.8.1")).toEqual(["-1 0", "0 1"]);
});

test("what the store did not take in time stays marked, and is read again in the background", async () => {
  const { context } = await seedDevice(pool, { profile: "dsmr-p1" });
  await send({ device: context, payload: written({ value: "1", atMs: NOW }) });
  await setProfile(context, "senml");
  const [row] = await held();
  const commits = await holdCommits();
  const again = replayer();
  expect(await again.replay(row?.id ?? 0, 300)).toBe("unfinished");
  expect(await held()).toMatchObject([{ replayed: false, requested: true }]);
  await commits.release();
  // As when its minute is over.
  await pool.query("update quarantine set replay_requested_at = now() where replay_requested_at is not null");
  again.wake();
  await expect.poll(held, SOON).toMatchObject([{ replayed: true, requested: false }]);
  expect(await values(context.id, "1-0:1.8.1")).toEqual(["0 1"]);
});

test("a request made while an attempt is under way is not swallowed by that attempt's refusal", async () => {
  const { context } = await seedDevice(pool, { profile: "dsmr-p1" });
  await send({ device: context, payload: written({ value: "1", atMs: NOW }) });
  const [row] = await held();
  // Holds the attempt before its commit: it has been given the wrong profile by then.
  const blocker = await pool.connect();
  await blocker.query("begin; lock table layout in access exclusive mode");
  const trying = replayer().replay(row?.id ?? 0);
  await expect.poll(held, SOON).toMatchObject([{ attempts: 1 }]);
  await setProfile(context, "senml");
  expect(await requestReplay(pool, { deviceId: context.id })).toBe(1);
  await blocker.query("rollback");
  blocker.release();
  expect(await trying).toBe("tried");
  expect(await held()).toMatchObject([{ replayed: false, requested: true }]);
  replayer().start();
  await expect.poll(held, SOON).toMatchObject([{ replayed: true, requested: false }]);
});

test("a message that named no device is read as that device's once it is registered, and stays unknown until then", async () => {
  const { context } = await seedDevice(pool);
  const here = (await seedDevice(pool)).context;
  await pool.query("update device set removed_at = now() where id = $1", [context.id]);
  const mounted = (id: number) => `d/${id}/meter/7`;
  const nobody = mounted(2_147_483_000);
  await send(
    ...[mounted(context.id), nobody, "d/007/meter", "elsewhere"].map((topic, i) => ({
      device: NO_DEVICE,
      topic,
      payload: written({ value: `${i}`, atMs: NOW }),
    })),
  );
  // Of a device whose row is gone: this is its own topic, and no mount of anybody's.
  await pool.query(
    `insert into quarantine (received_at, client_id, topic, payload, retained, profile, reason, detail)
     values ($1, 'm', $2, $3, false, 'senml', 'refused_by_store', 'no such device')`,
    [new Date(NOW), mounted(here.id), written({ value: "9", atMs: NOW })],
  );
  const states = async () =>
    (await held()).map((row) => [row.device_id, row.reason, row.attempts, row.replayed, row.requested]);
  const [first, second, third, fourth, fifth] = await held();
  const again = replayer();
  expect(await again.replay(first?.id ?? 0)).toBe("tried");
  expect(await again.replay(fifth?.id ?? 0)).toBe("refused");
  const unknown = [null, "device_unknown", 0, false, false];
  expect(await states()).toEqual([
    [null, "device_unknown", 1, false, false],
    ...Array.from({ length: 3 }, () => unknown),
    [null, "refused_by_store", 0, false, false],
  ]);
  await pool.query("update device set removed_at = null where id = $1", [context.id]);
  await pool.query("update quarantine set replay_requested_at = now()");
  again.wake();
  await expect.poll(async () => (await held()).some(({ requested }) => requested), SOON).toBe(false);
  expect(await states()).toEqual([
    [context.id, "device_unknown", 2, true, false],
    ...Array.from({ length: 3 }, () => [null, "device_unknown", 1, false, false]),
    [null, "refused_by_store", 1, false, false],
  ]);
  expect((await held()).map(({ id }) => id)).toEqual(
    [first, second, third, fourth, fifth].map((row) => row?.id),
  );
  const { rows } = await pool.query("select topic from quarantine order by id limit 2");
  expect(rows.map(({ topic }: { topic: Buffer }) => topic.toString())).toEqual(["meter/7", nobody]);
  expect(await values(context.id, "1-0:1.8.1")).toEqual(["0 0"]);
  expect((await pool.query("select 1 from reading where device_id = $1", [here.id])).rows).toEqual([]);
});

test("a message of a device that is gone, or of none, is not read again and blocks nobody", async () => {
  const gone = (await seedDevice(pool, { profile: "dsmr-p1" })).context;
  const here = (await seedDevice(pool, { profile: "dsmr-p1" })).context;
  const payload = written({ value: "1", atMs: NOW });
  await send({ device: gone, payload }, { device: here, payload });
  await setProfile(here, "senml");
  await requestReplay(pool, { deviceId: gone.id });
  await requestReplay(pool, { deviceId: here.id });
  await pool.query("update device set removed_at = now() where id = $1", [gone.id]);
  const again = replayer();
  again.wake();
  await expect.poll(held, SOON).toMatchObject([
    { device_id: gone.id, replayed: false, requested: false },
    { device_id: here.id, replayed: true },
  ]);
  const [first, second] = await held();
  expect(await again.replay(first?.id ?? 0)).toBe("refused");
  expect(await again.replay(second?.id ?? 0)).toBe("refused");
  expect(await again.replay(999_999_999)).toBe("refused");
});

test("what a gateway said of a device that is claimed becomes that device's own and is read as it", async () => {
  const gateway = (await seedDevice(pool, { profile: "gateway" })).context;
  const child = (await seedDevice(pool)).context;
  const payload = written({ value: "1", atMs: NOW });
  await pool.query(
    `insert into quarantine (device_id, external_id, received_at, client_id, topic, payload, retained, profile, reason, detail)
     select $1, who, $2, 'g', 't', $3, false, 'senml', 'device_unclaimed', 'nobody has claimed it'
     from unnest(array['a', 'b']) who`,
    [gateway.id, new Date(NOW), payload],
  );
  expect(await moveUnclaimed(pool, { gatewayId: gateway.id, externalId: "a", deviceId: child.id })).toBe(1);
  expect(await requestReplay(pool, { deviceId: child.id })).toBe(1);
  replayer().wake();
  await expect
    .poll(async () => (await held()).filter(({ replayed }) => replayed), SOON)
    .toMatchObject([{ device_id: child.id }]);
  expect(await values(child.id, "1-0:1.8.1")).toEqual(["0 1"]);
  expect((await held()).filter(({ replayed }) => !replayed)).toMatchObject([{ device_id: gateway.id }]);
});
