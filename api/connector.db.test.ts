// Connectors through the API: what is kept and never shown, what is refused, who may; and an unknown device behind one, claimed.
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createIngest, runConnectors, type Connectors } from "#ingest";
import { startMosquitto, throwAwayFolder, type Mosquitto } from "#services";
import { secretBoxOf, postgresStore } from "#store";
import { until } from "#testing";
import { connectAsync } from "mqtt";
import { createdId, testApi, testWorld, type TestApi, type World } from "./test-api.ts";

const SECRETS = secretBoxOf([Buffer.alloc(32, 5)]);
const WORD = "hunter2 hunter2";

let api: TestApi;
let world: World;
let url: string;
beforeAll(async () => {
  api = await testApi({ connectors: { secrets: SECRETS, allowPrivate: false } });
  world = await testWorld(api);
  url = `/v1/devices/${world.home.commonDevice}/connector`;
});
afterAll(() => api.stop());

const put = (body: object, token = world.tokens.coordinator, at = url) => api.ask("PUT", at, { token, body });
const TTS = { kind: "the-things-stack", username: "meters@syndic", password: WORD };

test("a preset needs a user and a password; what is answered holds everything but the password", async () => {
  expect((await api.ask("GET", url, { token: world.tokens.coordinator })).statusCode).toBe(404);
  const response = await put(TTS);
  expect(response.statusCode).toBe(200);
  expect(response.json()).toEqual({
    deviceId: world.home.commonDevice,
    kind: "the-things-stack",
    url: "mqtts://eu1.cloud.thethings.network:8883",
    username: "meters@syndic",
    hasPassword: true,
    topics: ["v3/+/devices/+/up"],
    caCertificate: null,
    state: "waiting",
    since: expect.any(String),
    nextAttemptAt: null,
    lastError: null,
    lastMessageAt: null,
    messages: 0,
    createdAt: expect.any(String),
    changedAt: expect.any(String),
  });
  const again = await api.ask("GET", url, { token: world.tokens.admin });
  expect(again.json()).toEqual(response.json());
  expect(again.body + response.body).not.toContain("hunter2");
  const list = await api.ask("GET", `/v1/buildings/${world.home.building}/connectors`, {
    token: world.tokens.coordinator,
  });
  expect(list.json()).toEqual({ items: [response.json()], nextCursor: null });
});

test("the password is at rest sealed, for this device, address and user alone", async () => {
  const { rows } = await api.pool.query(
    "select row_to_json(c)::text as all, password_sealed from connector c",
  );
  const [{ all, password_sealed: sealed }] = rows;
  expect(all).not.toContain("hunter2");
  expect(sealed.includes(Buffer.from("hunter2"))).toBe(false);
  expect(sealed.length).toBeGreaterThan(WORD.length);
});

test("a password stays where it is not given, but nobody can have it sent elsewhere", async () => {
  const { username } = TTS;
  expect(
    (await put({ kind: "custom", username, topics: ["a"], url: "mqtts://evil.example" })).json(),
  ).toMatchObject({
    code: "request_invalid",
    errors: [{ pointer: "/password" }],
  });
  expect((await put({ kind: TTS.kind, username: "other@syndic" })).statusCode).toBe(400);
  expect((await put({ kind: TTS.kind, username, topics: ["v3/+/devices/one/up"] })).json()).toMatchObject({
    hasPassword: true,
    topics: ["v3/+/devices/one/up"],
  });
  expect((await put({ kind: TTS.kind, username, password: null })).json()).toMatchObject({
    hasPassword: false,
  });
});

test.each<[object, string]>([
  [{ kind: "custom", topics: ["a"] }, "/url"],
  [{ kind: "custom", url: "mqtt://broker.example" }, "/topics"],
  [{ kind: "custom", url: "mqtt://broker.example", topics: [] }, "/topics"],
  [{ kind: "custom", url: "mqtt://broker.example", topics: ["a/#/b"] }, "/topics/0"],
  [{ kind: "custom", url: "mqtt://broker.example", topics: ["a", "$share/g/a"] }, "/topics/1"],
  [{ kind: "sinapsi", url: "mqtts://broker.example" }, "/username"],
  [{ kind: "chirpstack", url: "https://broker.example" }, "/url"],
  [{ kind: "chirpstack", url: "mqtt://me:secret@broker.example" }, "/url"],
  [{ kind: "chirpstack", url: "mqtt://127.0.0.1:1883" }, "/url"],
  [{ kind: "chirpstack", url: "mqtt://[::1]" }, "/url"],
  [{ kind: "chirpstack", url: "ws://192.168.1.1/" }, "/url"],
  [{ kind: "chirpstack", url: "mqtt://169.254.169.254" }, "/url"],
  [{ kind: "chirpstack", url: "mqtts://broker.example", caCertificate: "no PEM" }, "/caCertificate"],
])("%j is refused at %s", async (body, pointer) => {
  const response = await put(body);
  expect(response.statusCode).toBe(400);
  expect(response.json()).toMatchObject({ code: "request_invalid", errors: [{ pointer }] });
});

test("an address with a secret in it is refused without saying it again", async () => {
  const response = await put({
    kind: "chirpstack",
    url: `mqtt://me:${encodeURIComponent(WORD)}@broker.example`,
  });
  expect(response.body).not.toContain("hunter2");
});

test("managers and residents may not, strangers know of nothing", async () => {
  for (const method of ["GET", "PUT", "DELETE"] as const) {
    const ask = (token: string) => api.ask(method, url, { token, ...(method === "PUT" && { body: TTS }) });
    expect((await ask(world.tokens.manager)).statusCode, method).toBe(403);
    expect((await ask(world.tokens.supplier)).statusCode, method).toBe(404);
    for (const role of ["coordinator", "manager", "resident", "supplier"] as const)
      expect((await ask(world.strangers[role])).json(), `${method} ${role}`).toMatchObject({
        code: "not_found",
      });
  }
});

test("removed, it is gone, with its password; a second time there is nothing", async () => {
  const remove = () => api.ask("DELETE", url, { token: world.tokens.coordinator });
  expect((await put(TTS)).statusCode).toBe(200);
  expect((await remove()).statusCode).toBe(204);
  expect((await remove()).statusCode).toBe(404);
  expect((await api.pool.query("select 1 from connector")).rows).toEqual([]);
});

test("without a key none can be set up, and the answer says what is missing", async () => {
  const bare = await testApi();
  const there = await testWorld(bare);
  const at = `/v1/devices/${there.home.commonDevice}/connector`;
  const response = await bare.ask("PUT", at, { token: there.tokens.admin, body: TTS });
  expect(response.statusCode).toBe(503);
  expect(response.body).toContain("KOPROGO_SECRET_KEY");
  await bare.stop();
});

test("an unknown device on the other broker is listed unclaimed with what it says, and claimed with all that it said", async () => {
  const { admin } = world.tokens;
  const { folder, discard } = await throwAwayFolder();
  const mosquitto: Mosquitto = await startMosquitto({ folder, report: () => undefined });
  const address = `mqtt://127.0.0.1:${mosquitto.port}`;
  const local = await testApiOnLoopback();
  const time = { now: () => Date.now() };
  const log = pino({ level: "silent" });
  const ingest = createIngest({ store: postgresStore(api.pool), time, log });
  const connectors: Connectors = runConnectors({
    pool: api.pool,
    ingest,
    secrets: SECRETS,
    allowPrivate: true,
    time,
    log,
    random: () => 0.5,
    limits: { lookEveryMs: 50, deviceFreshMs: 100 },
  });
  const gateway = createdId(
    await api.ask("POST", `/v1/buildings/${world.home.building}/devices`, {
      token: admin,
      body: { name: "LoRaWAN", profile: "gateway" },
    }),
  );
  const at = `/v1/devices/${gateway}/connector`;
  const body = { kind: "custom", url: address, topics: ["wmbus/#"] };
  expect((await local("PUT", at, body)).statusCode).toBe(200);
  const state = async () => (await local("GET", at)).json<{ state: string }>().state;
  await until(async () => (await state()) === "connected", "it is connected");

  const device = await connectAsync(address, { protocolVersion: 4 });
  for (const [minute, total] of [
    [10, "1.0"],
    [20, "1.5"],
    [30, "2.0"],
  ] as const) {
    const timestamp = `2026-01-15T11:${minute}:00Z`;
    const telegram = `{"_":"telegram","media":"cold water","meter":"made","name":"","id":"20269001","total_m3":${total},"timestamp":"${timestamp}"}`;
    await device.publishAsync("wmbus/20269001", telegram, { qos: 1 });
  }
  const list = async () =>
    (await api.ask("GET", `/v1/devices/unclaimed?gatewayId=${gateway}`, { token: admin })).json<{
      items: { id: string; messages: number; preview: { value: string }[] }[];
    }>().items;
  await until(async () => (await list())[0]?.messages === 3, "the stranger is listed");
  const [stranger] = await list();
  expect(stranger).toMatchObject({
    externalId: "20269001/cold water",
    profile: "wmbusmeters",
    preview: [{ name: "total_m3", value: "2.0", unit: "m3", carrier: "water" }],
  });

  const point = createdId(
    await api.ask("POST", `/v1/buildings/${world.home.building}/supply-points`, {
      token: admin,
      body: { carrier: "water", vatRate: 0.06, scope: "common" },
    }),
  );
  const claimed = await api.ask("POST", `/v1/devices/unclaimed/${stranger?.id}/claim`, {
    token: admin,
    body: { name: "Cellar", supplyPoints: { water: point } },
  });
  expect(claimed.statusCode).toBe(201);
  const child = claimed.json<{ id: string }>().id;
  const readings = async () =>
    (await api.pool.query("select count(*)::integer as n from reading where device_id = $1", [child])).rows[0]
      .n;
  await until(async () => (await readings()) === 3, "what it said is read again", 20_000);
  const registers = await api.ask("GET", `/v1/devices/${child}/registers`, { token: admin });
  expect(registers.json()).toMatchObject({
    items: [{ name: "total_m3", supplyPointId: point, role: "main" }],
  });
  // What it says from now on is a reading at once; the broker's process hears of the claim, here it is told.
  ingest.forgetChildren(Number(gateway));
  await device.publishAsync(
    "wmbus/20269001",
    `{"_":"telegram","media":"cold water","meter":"made","name":"","id":"20269001","total_m3":2.5,"timestamp":"2026-01-15T11:40:00Z"}`,
    { qos: 1 },
  );
  await until(async () => (await readings()) === 4, "it goes on");
  const behind = await put(TTS, admin, `/v1/devices/${child}/connector`);
  expect(behind.json()).toMatchObject({ code: "state_forbidden" });

  await device.endAsync();
  await ingest.close();
  await connectors.close();
  await mosquitto.stop();
  await discard();
});

/** The same database through an API that may reach this machine. */
async function testApiOnLoopback() {
  const { createApi } = await import("./server.ts");
  const other = await createApi({
    pool: api.pool,
    redisUrl: undefined,
    config: { KOPROGO_COHORT_MIN: 3 },
    time: { now: () => Date.now() },
    log: pino({ level: "silent" }),
    connectors: { secrets: SECRETS, allowPrivate: true },
  });
  return (method: "GET" | "PUT", url: string, body?: object) =>
    other.app.inject({
      method,
      url,
      headers: { authorization: `Bearer ${world.tokens.admin}` },
      ...(body && { payload: body }),
    });
}
