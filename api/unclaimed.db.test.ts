// Devices behind a gateway that nobody has claimed: listed with what they say, claimed with their past, hidden from strangers.
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createIngest, type IngestMessage } from "#ingest";
import { loadDevices, postgresStore } from "#store";
import { createdId, testApi, testWorld, type Site, type TestApi, type World } from "./test-api.ts";
import { unclaimedId } from "./unclaimed-id.ts";

type Unclaimed = {
  id: string;
  gatewayId: string;
  externalId: string;
  profile: string | null;
  topic: string;
  messages: number;
  preview: { name: string; value: string | null; unit: string; carrier: string | null; observedAt: string }[];
  problem: string | null;
};
type Page = { items: Unclaimed[]; nextCursor: string | null };

const NOW = Date.UTC(2026, 0, 15, 12);
const LIST = "/v1/devices/unclaimed";

let api: TestApi;
let world: World;
beforeAll(async () => {
  api = await testApi({ time: { now: () => NOW } });
  world = await testWorld(api);
});
afterAll(() => api.stop());

async function addGateway(site: Site): Promise<string> {
  return createdId(
    await api.ask("POST", `/v1/buildings/${site.building}/devices`, {
      token: world.tokens.admin,
      body: { name: "receiver", profile: "gateway", expectedIntervalS: 60 },
    }),
  );
}

/** Brings messages through the pipeline, as the broker would. */
async function hear(
  gatewayId: string,
  messages: readonly { topic: string; payload: string; atMs?: number }[],
) {
  const [device] = await loadDevices(api.pool, [Number(gatewayId)]);
  if (device === undefined) throw new Error("no such gateway");
  const ingest = createIngest({
    store: postgresStore(api.pool),
    time: { now: () => NOW },
    log: pino({ level: "silent" }),
  });
  const all = messages.map(({ topic, payload, atMs = NOW }): IngestMessage => ({
    device,
    clientId: "receiver",
    topic,
    payload: Buffer.from(payload),
    qos: 1,
    retained: false,
    receivedAtMs: atMs,
  }));
  await Promise.all(all.map((one) => new Promise<void>((resolve) => ingest.accept(one, resolve))));
  await ingest.close();
}

function water(id: string, total: string, minutesAgo = 0) {
  const atMs = NOW - minutesAgo * 60_000;
  const timestamp = new Date(atMs).toISOString();
  const payload = `{"_":"telegram","media":"cold water","meter":"made","name":"","id":"${id}","total_m3":${total},"timestamp":"${timestamp}"}`;
  return { topic: `wmbus/${id}`, payload, atMs };
}

async function list(token: string, query = ""): Promise<Page> {
  const response = await api.ask("GET", `${LIST}${query}`, { token });
  expect(response.statusCode).toBe(200);
  return response.json<Page>();
}

const claim = (id: string, token: string, body: unknown = { name: "Cellar" }) =>
  api.ask("POST", `${LIST}/${id}/claim`, { token, body });

test("an unclaimed device is listed with what it says now, and claimed with all that it said", async () => {
  const { admin } = world.tokens;
  const gateway = await addGateway(world.home);
  await hear(gateway, [
    water("20260001", "1.0", 30),
    water("20260001", "1.5", 20),
    water("20260001", "2.0", 10),
  ]);
  const { items } = await list(admin, `?gatewayId=${gateway}`);
  expect(items).toHaveLength(1);
  const [stranger] = items;
  expect(stranger).toMatchObject({
    gatewayId: gateway,
    externalId: "20260001/cold water",
    profile: "wmbusmeters",
    topic: "wmbus/20260001",
    messages: 3,
    problem: null,
    preview: [
      {
        name: "total_m3",
        value: "2.0",
        unit: "m3",
        carrier: "water",
        observedAt: "2026-01-15T11:50:00.000Z",
      },
    ],
  });
  const point = createdId(
    await api.ask("POST", `/v1/buildings/${world.home.building}/supply-points`, {
      token: admin,
      body: { carrier: "water", vatRate: 0.06, scope: "common" },
    }),
  );
  const claimed = await claim(stranger?.id ?? "", admin, {
    name: "Cellar",
    expectedIntervalS: 600,
    supplyPoints: { water: point },
  });
  expect(claimed.statusCode).toBe(201);
  const device = claimed.json<{ id: string }>();
  expect(device).toMatchObject({
    parentId: gateway,
    externalId: "20260001/cold water",
    profile: "wmbusmeters",
    supplyPoints: { water: point },
    lastSeenAt: "2026-01-15T11:50:00.000Z",
  });
  expect((await list(admin, `?gatewayId=${gateway}`)).items).toEqual([]);
  const readings = async () => {
    const { rows } = await api.pool.query("select count(*)::integer as n from reading where device_id = $1", [
      device.id,
    ]);
    return rows[0].n;
  };
  await expect.poll(readings, { timeout: 20_000 }).toBe(3);
  const registers = await api.ask("GET", `/v1/devices/${device.id}/registers`, { token: admin });
  expect(registers.json()).toMatchObject({
    items: [{ name: "total_m3", supplyPointId: point, role: "main" }],
  });
  const listed = await api.ask("GET", `/v1/buildings/${world.home.building}/devices`, { token: admin });
  expect(listed.json<{ items: { id: string; parentId: string | null }[] }>().items).toContainEqual(
    expect.objectContaining({ id: device.id, parentId: gateway }),
  );
  expect((await claim(stranger?.id ?? "", admin)).json()).toMatchObject({ code: "already_exists" });
});

test("whoever does not see the gateway finds nothing there; who does and may not claim is told so", async () => {
  const gateway = await addGateway(world.home);
  await hear(gateway, [water("20260002", "1.0")]);
  const id = unclaimedId({ gatewayId: Number(gateway), externalId: "20260002/cold water" });
  for (const role of ["coordinator", "manager", "resident", "supplier"] as const) {
    const answer = await claim(id, world.strangers[role]);
    expect([role, answer.statusCode, answer.json<{ code: string }>().code]).toEqual([role, 404, "not_found"]);
  }
  expect((await list(world.strangers.coordinator)).items).toEqual([]);
  expect((await claim(id, world.tokens.manager)).json()).toMatchObject({ code: "forbidden" });
  expect((await claim(id, world.tokens.resident)).json()).toMatchObject({ code: "not_found" });
  for (const wrong of ["x", "17", unclaimedId({ gatewayId: Number(gateway), externalId: "nobody" })]) {
    expect((await claim(wrong, world.tokens.admin)).json()).toMatchObject({ code: "not_found" });
  }
});

test("a coordinator without consent learns which registers there are, and not what they show", async () => {
  const gateway = await addGateway(world.home);
  await hear(gateway, [water("20260003", "7.5")]);
  const { items } = await list(world.tokens.coordinator, `?gatewayId=${gateway}`);
  expect(items).toMatchObject([{ preview: [{ name: "total_m3", value: null, unit: "m3" }] }]);
  expect((await claim(items[0]?.id ?? "", world.tokens.coordinator)).statusCode).toBe(201);
});

test("the gateway's own consent opens nothing of the dwellings behind it, to read, to count or to replay", async () => {
  const { admin, coordinator, manager } = world.tokens;
  const point = createdId(
    await api.ask("POST", `/v1/buildings/${world.home.building}/supply-points`, {
      token: admin,
      body: { carrier: "electricity", vatRate: 0.06, scope: "common" },
    }),
  );
  const consent = await api.ask("POST", `/v1/supply-points/${point}/consents`, {
    token: manager,
    body: { purpose: "load-profile", from: "2026-01-01T00:00:00Z", evidence: "minutes" },
  });
  expect(consent.statusCode).toBe(201);
  const gateway = createdId(
    await api.ask("POST", `/v1/buildings/${world.home.building}/devices`, {
      token: admin,
      body: { name: "receiver", profile: "gateway", supplyPoints: { electricity: point } },
    }),
  );
  await hear(gateway, [water("20260008", "7.5")]);
  const seen = async (token: string) => {
    const rows = await api.ask("GET", `/v1/quarantine?deviceId=${gateway}`, { token });
    const summary = await api.ask("GET", "/v1/quarantine/summary?limit=200", { token });
    const counts = summary.json<{ items: { deviceId: string }[] }>().items;
    return {
      values: (await list(token, `?gatewayId=${gateway}`)).items.map(({ preview }) => preview[0]?.value),
      messages: rows.json<{ items: { id: string }[] }>().items.map(({ id }) => id),
      counted: counts.some(({ deviceId }) => deviceId === gateway),
    };
  };
  const all = await seen(admin);
  expect(all).toMatchObject({ values: ["7.5"], messages: [expect.any(String)], counted: true });
  expect(await seen(coordinator)).toEqual({ values: [null], messages: [], counted: false });
  const one = await api.ask("POST", `/v1/quarantine/${all.messages[0] ?? ""}/replay`, { token: coordinator });
  expect(one.statusCode).toBe(404);
  const many = await api.ask("POST", "/v1/quarantine/replay", {
    token: coordinator,
    body: { deviceId: gateway },
  });
  expect(many.json()).toEqual({ requested: 0 });
});

test("another building's supply point is refused, and then nothing was claimed", async () => {
  const gateway = await addGateway(world.home);
  await hear(gateway, [water("20260004", "1.0")]);
  const [stranger] = (await list(world.tokens.admin, `?gatewayId=${gateway}`)).items;
  const body = { name: "Cellar", supplyPoints: { electricity: world.away.common } };
  expect((await claim(stranger?.id ?? "", world.tokens.admin, body)).json()).toMatchObject({
    code: "request_invalid",
  });
  expect((await list(world.tokens.admin, `?gatewayId=${gateway}`)).items).toHaveLength(1);
});

test("what no family recognises is claimed under its topic, as what the claim says it is", async () => {
  const gateway = await addGateway(world.home);
  const topic = `tele/${"ü".repeat(250)}`;
  await hear(gateway, [
    { topic, payload: "21.5" },
    { topic: "senml/1", payload: `[{"bn":"urn:dev:mac:0011/","n":"room","u":"Cel","v":19}]` },
  ]);
  const { items } = await list(world.tokens.admin, `?gatewayId=${gateway}`);
  expect(items.map(({ externalId, profile }) => [externalId, profile])).toEqual(
    expect.arrayContaining([
      [topic, null],
      ["urn:dev:mac:0011", "senml"],
    ]),
  );
  const id = items.find(({ profile }) => profile === null)?.id ?? "";
  expect((await claim(id, world.tokens.admin)).json()).toMatchObject({ code: "request_invalid" });
  const asGateway = await claim(id, world.tokens.admin, { name: "a", profile: "gateway" });
  expect([asGateway.statusCode, asGateway.json<{ code: string }>().code]).toEqual([400, "request_invalid"]);
  expect((await claim(id, world.tokens.admin, { name: "a", profile: "senml" })).statusCode).toBe(201);
});

test("a gateway that hears 300 neighbours is paged through, each of them once", async () => {
  const gateway = await addGateway(world.home);
  const ids = Array.from({ length: 300 }, (_, index) => String(30_000_000 + index));
  await hear(
    gateway,
    ids.flatMap((id) => [water(id, "1.0", 5), water(id, "1.1")]),
  );
  const found: string[] = [];
  let cursor: string | null = "";
  let pages = 0;
  while (cursor !== null) {
    const page: Page = await list(
      world.tokens.admin,
      `?gatewayId=${gateway}&limit=70${cursor === "" ? "" : `&cursor=${cursor}`}`,
    );
    expect(page.items.every(({ messages }) => messages === 2)).toBe(true);
    found.push(...page.items.map(({ externalId }) => externalId));
    cursor = page.nextCursor;
    pages += 1;
  }
  expect(pages).toBe(5);
  expect(found.toSorted()).toEqual(ids.map((id) => `${id}/cold water`));
  // Neighbours are rows of quarantine and nothing else: no device, register or layout is made of them.
  const { rows } = await api.pool.query(
    "select (select count(*) from device where parent_id = $1)::integer as children, (select count(*) from register where device_id = $1)::integer as registers",
    [gateway],
  );
  expect(rows).toEqual([{ children: 0, registers: 0 }]);
  const first = await list(world.tokens.admin, "?limit=1");
  const second = await list(world.tokens.admin, `?limit=1&cursor=${first.nextCursor ?? ""}`);
  expect(second.items[0]?.id).not.toBe(first.items[0]?.id);
});

test("a gateway that went away is one finding: its children are gateway-offline, and go with it when it is removed", async () => {
  const { admin } = world.tokens;
  const gateway = await addGateway(world.home);
  await hear(gateway, [water("20260007", "1.0")]);
  const id = unclaimedId({ gatewayId: Number(gateway), externalId: "20260007/cold water" });
  const child = (await claim(id, admin)).json<{ id: string }>().id;
  const status = async (device: string) =>
    (await api.ask("GET", `/v1/devices/${device}`, { token: admin })).json<{ status?: string }>().status;
  const signs = (connected: boolean, minutesAgo: number) =>
    api.pool.query(
      "update device set last_seen_at = $2, connected_by = $3, disconnected_at = $2 where id = $1",
      [gateway, new Date(NOW - minutesAgo * 60_000), connected ? "broker" : null],
    );
  await signs(true, 0);
  expect([await status(gateway), await status(child)]).toEqual(["online", "online"]);
  await signs(false, 5);
  expect([await status(gateway), await status(child)]).toEqual(["offline", "gateway-offline"]);
  await signs(true, 5);
  expect([await status(gateway), await status(child)]).toEqual(["silent", "gateway-offline"]);
  expect((await api.ask("DELETE", `/v1/devices/${gateway}`, { token: admin })).statusCode).toBe(204);
  expect((await api.ask("GET", `/v1/devices/${child}`, { token: admin })).statusCode).toBe(404);
});
