// Quarantine through the API: listed, counted, read again after a fix; and nobody sees or touches another's.
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { encodeSenml } from "#devices/profiles/index";
import { applyQuarantinePolicy } from "#store";
import { createdId, testApi, testWorld, type TestApi, type World } from "./test-api.ts";

let api: TestApi;
let world: World;
beforeAll(async () => {
  api = await testApi();
  world = await testWorld(api);
});
afterAll(() => api.stop());
beforeEach(() => api.pool.query("truncate quarantine, policy_deletion"));

/** The machine may be busy with other tests. */
const SOON = { timeout: 15_000 };
const AT = Date.UTC(2026, 0, 15, 12);
type Message = { id: string; reason: string; replayedAt: string | null; attempts: number };

/** Puts messages into quarantine as the ingest would; returns their identifiers. */
async function hold(
  deviceId: string | null,
  messages: readonly { payload?: Buffer; reason?: string; atMs?: number }[],
): Promise<string[]> {
  const ids: string[] = [];
  for (const { payload = Buffer.from("?"), reason = "reading_malformed", atMs = AT } of messages) {
    const { rows } = await api.pool.query<{ id: string }>(
      `insert into quarantine (device_id, received_at, client_id, topic, payload, retained, profile, reason, detail)
       values ($1, $2, 'meter', 'telegram', $3, false, 'dsmr-p1', $4, 'one sentence') returning id`,
      [deviceId, new Date(atMs), payload, reason],
    );
    ids.push(rows[0]?.id ?? "");
  }
  return ids;
}

const senml = (value: string, observedAtMs: number) =>
  encodeSenml({ observedAtMs, records: [{ name: "energy", unit: "kWh", value, sum: true }] });

const list = async (token: string, query = "") => {
  const response = await api.ask("GET", `/v1/quarantine${query}`, { token });
  expect(response.statusCode).toBe(200);
  return response.json<{ items: Message[]; nextCursor: string | null }>();
};
const replay = (token: string, id: string) => api.ask("POST", `/v1/quarantine/${id}/replay`, { token });

test("it is listed by device, by reason and by whether it was read again, in pages", async () => {
  const { tokens, home } = world;
  const ids = await hold(home.commonDevice, [{}, { reason: "time_missing" }, {}, { reason: "time_missing" }]);
  await api.pool.query("update quarantine set replayed_at = now() where id = $1", [ids[3]]);
  const shown = async (query: string) => (await list(tokens.admin, query)).items.map(({ id }) => id);
  expect(await shown("")).toEqual(ids.toReversed());
  expect(await shown("?reason=time_missing")).toEqual([ids[3], ids[1]]);
  expect(await shown("?replayed=false")).toEqual([ids[2], ids[1], ids[0]]);
  expect(await shown("?replayed=true&reason=time_missing")).toEqual([ids[3]]);
  expect(await shown(`?deviceId=${home.privateDevice}`)).toEqual([]);
  const first = await list(tokens.admin, "?replayed=false&limit=2");
  expect(first.items.map(({ id }) => id)).toEqual([ids[2], ids[1]]);
  expect(await shown(`?replayed=false&limit=2&cursor=${first.nextCursor}`)).toEqual([ids[0]]);
  for (const query of ["?reason=nonsense", "?replayed=perhaps"]) {
    expect((await api.ask("GET", `/v1/quarantine${query}`, { token: tokens.admin })).statusCode).toBe(400);
  }
});

test("after the profile is mended a message is read again, and answers with what became of it", async () => {
  const { tokens, home } = world;
  const [id = ""] = await hold(home.commonDevice, [{ payload: senml("1.5", AT) }]);
  const still = await replay(tokens.admin, id);
  expect(still.statusCode).toBe(200);
  expect(still.json()).toMatchObject({ id, replayedAt: null, attempts: 1, profile: "dsmr-p1" });

  const patched = await api.ask("PATCH", `/v1/devices/${home.commonDevice}`, {
    token: tokens.coordinator,
    body: { profile: "senml", name: "mended", expectedIntervalS: null },
  });
  expect(patched.statusCode).toBe(200);
  expect(patched.json()).toMatchObject({
    id: home.commonDevice,
    profile: "senml",
    name: "mended",
    expectedIntervalS: null,
  });
  const done = await replay(tokens.admin, id);
  expect(done.json()).toMatchObject({
    id,
    attempts: 2,
    replayRequestedAt: null,
    replayedAt: expect.any(String),
  });
  const { rows } = await api.pool.query("select received_at from reading where device_id = $1", [
    home.commonDevice,
  ]);
  expect(rows).toEqual([{ received_at: new Date(AT) }]);
  const twice = await replay(tokens.admin, id);
  expect(twice.statusCode).toBe(409);
  expect(twice.json()).toMatchObject({ code: "state_forbidden" });
});

test("many are asked for at once, by reason or device, and read in the background", async () => {
  const { tokens, home } = world;
  const device = createdId(
    await api.ask("POST", `/v1/buildings/${home.building}/devices`, {
      token: tokens.admin,
      body: { name: "many", profile: "senml", supplyPoints: { electricity: home.common } },
    }),
  );
  const good = Array.from({ length: 20 }, (_, i) => ({ payload: senml(`${i}`, AT + 1000 * i) }));
  await hold(device, [...good, { reason: "time_missing" }]);
  const [anonymous = ""] = await hold(null, [{}]);
  const body = { deviceId: device, reason: "reading_malformed" };
  const asked = await api.ask("POST", "/v1/quarantine/replay", { token: tokens.admin, body });
  expect(asked.statusCode).toBe(202);
  expect(asked.json()).toEqual({ requested: 20 });
  await expect
    .poll(async () => (await list(tokens.admin, `?deviceId=${device}&replayed=true`)).items.length, SOON)
    .toBe(20);
  const rest = await api.ask("POST", "/v1/quarantine/replay", { token: tokens.admin, body: {} });
  expect(rest.json()).toEqual({ requested: 1 });
  const refused = await replay(tokens.admin, anonymous);
  expect(refused.json()).toMatchObject({ status: 409, code: "state_forbidden" });
  const typo = await api.ask("POST", "/v1/quarantine/replay", { token: tokens.admin, body: { device } });
  expect(typo.statusCode).toBe(400);
});

test("an administrator has what named no device read again, once it is registered", async () => {
  const { tokens, home } = world;
  const device = createdId(
    await api.ask("POST", `/v1/buildings/${home.building}/devices`, {
      token: tokens.admin,
      body: { name: "late", profile: "senml", supplyPoints: { electricity: home.common } },
    }),
  );
  const [id = ""] = await hold(null, [{ payload: senml("1.5", AT), reason: "device_unknown" }]);
  await api.pool.query("update quarantine set topic = $1", [`d/${device}/telegram`]);
  const ask = async (token: string) => {
    const response = await api.ask("POST", "/v1/quarantine/replay", {
      token,
      body: { reason: "device_unknown" },
    });
    return response.json<{ requested: number }>().requested;
  };
  expect(await ask(tokens.coordinator)).toBe(0);
  expect(await ask(tokens.admin)).toBe(1);
  await expect
    .poll(async () => (await list(tokens.admin, `?deviceId=${device}&replayed=true`)).items, SOON)
    .toMatchObject([{ id, topic: "telegram" }]);
});

test("a summary counts per reason and per device, the policy says its numbers and what it deleted", async () => {
  const { tokens, home, away } = world;
  await hold(home.commonDevice, [{}, {}, { reason: "time_missing" }]);
  await hold(away.commonDevice, [{ payload: Buffer.alloc(50) }]);
  await hold(null, [{}]);
  await api.pool.query("update quarantine set replayed_at = now() where reason = 'time_missing'");
  const summary = await api.ask("GET", "/v1/quarantine/summary", { token: tokens.admin });
  expect(summary.json()).toMatchObject({
    reasons: [
      { reason: "reading_malformed", waiting: 4, requested: 0, replayed: 0, bytes: 53 },
      { reason: "time_missing", waiting: 0, replayed: 1 },
    ],
    items: [
      { deviceId: home.commonDevice, waiting: 2, replayed: 1, reasons: { reading_malformed: 2 } },
      { deviceId: away.commonDevice, waiting: 1, bytes: 50 },
      { deviceId: null, waiting: 1, reasons: { reading_malformed: 1 } },
    ],
    nextCursor: null,
  });
  const paged: unknown[] = [];
  for (let cursor: string | null = ""; cursor !== null;) {
    const url = `/v1/quarantine/summary?limit=1${cursor === "" ? "" : `&cursor=${cursor}`}`;
    const page = await api.ask("GET", url, { token: tokens.admin });
    const { items, nextCursor } = page.json<{ items: { deviceId: string }[]; nextCursor: string | null }>();
    paged.push(...items.map(({ deviceId }) => deviceId));
    cursor = nextCursor;
  }
  expect(paged).toEqual([home.commonDevice, away.commonDevice, null]);

  await applyQuarantinePolicy(api.pool, { nowMs: AT + 91 * 86_400_000, activeSinceMs: 0 });
  const policy = await api.ask("GET", "/v1/quarantine/policy", { token: tokens.admin });
  expect(policy.json()).toEqual({
    expiresAfterDays: 90,
    quotas: {
      sender: { messagesMax: 10_000, bytesMax: 16 * 1024 * 1024 },
      device: { messagesMax: 50_000, bytesMax: 128 * 1024 * 1024 },
    },
    deleted: [{ policy: "quarantine_expiry", messages: 5, bytes: 54, lastDay: "2026-04-16" }],
  });
  const one = await api.ask("GET", `/v1/quarantine/policy?deviceId=${away.commonDevice}`, {
    token: tokens.admin,
  });
  expect(one.json()).toMatchObject({ deleted: [{ messages: 1, bytes: 50 }] });
});

test("a coordinator sees, counts and replays what consents let it see, strangers and tenants nothing", async () => {
  const { tokens, strangers, home } = world;
  const [common = "", secret = ""] = [
    ...(await hold(home.commonDevice, [{}])),
    ...(await hold(home.privateDevice, [{}])),
  ];
  await hold(null, [{}]);
  const consent = await api.ask("POST", `/v1/supply-points/${home.common}/consents`, {
    token: tokens.manager,
    body: { purpose: "load-profile", from: "2026-01-01T00:00:00Z", evidence: "minutes" },
  });
  expect(consent.statusCode).toBe(201);
  expect((await list(tokens.coordinator)).items.map(({ id }) => id)).toEqual([common]);
  expect((await list(strangers.coordinator)).items).toEqual([]);
  expect((await replay(tokens.coordinator, secret)).statusCode).toBe(404);
  expect((await replay(strangers.coordinator, common)).statusCode).toBe(404);
  // Nor did anything happen behind the refusal.
  const tried = (await list(tokens.admin)).items.map(({ attempts }) => attempts);
  expect(tried).toEqual([0, 0, 0]);
  expect((await replay(tokens.coordinator, common)).statusCode).toBe(200);
  const all = await api.ask("POST", "/v1/quarantine/replay", { token: tokens.coordinator, body: {} });
  expect(all.json()).toEqual({ requested: 1 });
  const summary = await api.ask("GET", "/v1/quarantine/summary", { token: tokens.coordinator });
  expect(summary.json()).toMatchObject({
    reasons: [{ waiting: 1 }],
    items: [{ deviceId: home.commonDevice, waiting: 1 }],
  });
  for (const role of ["manager", "resident", "supplier"] as const) {
    expect((await api.ask("GET", "/v1/quarantine/summary", { token: tokens[role] })).statusCode).toBe(403);
    const asked = await api.ask("POST", "/v1/quarantine/replay", { token: tokens[role], body: {} });
    expect(asked.statusCode).toBe(403);
  }
});

test("a device is changed by its keepers only, and no gateway becomes something else under its devices", async () => {
  const { tokens, strangers, home } = world;
  const patch = (id: string, token: string, body: object) =>
    api.ask("PATCH", `/v1/devices/${id}`, { token, body });
  expect((await patch(home.commonDevice, strangers.coordinator, { name: "x" })).statusCode).toBe(404);
  expect((await patch(home.commonDevice, tokens.manager, { name: "x" })).statusCode).toBe(403);
  for (const body of [
    {},
    { profile: "nonsense" },
    { name: "" },
    { expectedIntervalS: 0 },
    { supplyPoints: {} },
  ]) {
    expect((await patch(home.commonDevice, tokens.admin, body)).statusCode, JSON.stringify(body)).toBe(400);
  }
  const gateway = createdId(
    await api.ask("POST", `/v1/buildings/${home.building}/devices`, {
      token: tokens.admin,
      body: { name: "gateway", profile: "gateway" },
    }),
  );
  const { rows } = await api.pool.query<{ id: number }>(
    `insert into device (building_id, parent_id, external_id, name, profile)
     values ($1, $2, 'child', 'child', 'senml') returning id`,
    [home.building, gateway],
  );
  const child = String(rows[0]?.id);
  expect((await patch(gateway, tokens.admin, { profile: "senml" })).json()).toMatchObject({
    code: "state_forbidden",
  });
  expect((await patch(child, tokens.admin, { profile: "gateway" })).json()).toMatchObject({
    code: "state_forbidden",
  });
  expect((await patch(gateway, tokens.admin, { profile: "gateway", name: "g" })).statusCode).toBe(200);
  expect((await patch(child, tokens.admin, { profile: "dsmr-p1" })).statusCode).toBe(200);
  const { rows: changes } = await api.pool.query<{ kind: string; device_id: number }>(
    "select kind, device_id from device_change where device_id = $1 order by id desc limit 1",
    [gateway],
  );
  expect(changes).toEqual([{ kind: "claim", device_id: Number(gateway) }]);
});
