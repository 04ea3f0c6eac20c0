// Commands through the API: who may send them, what is refused, what their outcome looks like, what can be withdrawn.
import { afterAll, beforeAll, expect, test } from "vitest";
import { testApi, testWorld, createdId, type TestApi, type World } from "./test-api.ts";

let nowMs = Date.UTC(2026, 0, 15, 12);
let api: TestApi;
let world: World;
let url: string;
beforeAll(async () => {
  api = await testApi({ time: { now: () => nowMs } });
  world = await testWorld(api);
  url = `/v1/devices/${world.home.commonDevice}/commands`;
});
afterAll(() => api.stop());

const send = (body: unknown, token = world.tokens.coordinator) => api.ask("POST", url, { token, body });
const list = async () =>
  (await api.ask("GET", url, { token: world.tokens.admin })).json<{ items: unknown[] }>();

test("a command is written down as it is sent, and shown with what is known of it", async () => {
  const response = await send({ topic: "cmnd/POWER", payload: "ÖN" });
  expect(response.statusCode).toBe(201);
  expect(response.json()).toEqual({
    id: expect.any(String),
    deviceId: world.home.commonDevice,
    topic: "cmnd/POWER",
    payloadBase64: Buffer.from("ÖN").toString("base64"),
    state: "pending",
    createdAt: "2026-01-15T12:00:00.000Z",
    expiresAt: "2026-01-15T13:00:00.000Z",
    sentAt: null,
    settledAt: null,
    attempts: 0,
  });
  const bytes = Buffer.from([0, 255, 16]).toString("base64");
  const second = await send({ topic: "c", payloadBase64: bytes, expiresInS: 5 });
  expect(second.json()).toMatchObject({ payloadBase64: bytes, expiresAt: "2026-01-15T12:00:05.000Z" });
  expect((await list()).items).toMatchObject([{ topic: "c" }, { topic: "cmnd/POWER" }]);
});

test("it is shown as expired from that instant on, whether or not a broker has written it", async () => {
  nowMs += 5000;
  expect((await list()).items).toMatchObject([
    { topic: "c", state: "expired", settledAt: "2026-01-15T12:00:05.000Z" },
    { topic: "cmnd/POWER", state: "pending" },
  ]);
});

test.each<[object, string]>([
  [{ payload: "x" }, "no topic"],
  [{ topic: "a/+", payload: "x" }, "a wildcard"],
  [{ topic: "$SYS/x", payload: "x" }, "a reserved topic"],
  [{ topic: "a\0", payload: "x" }, "a NUL"],
  [{ topic: "\ud800", payload: "x" }, "a lone surrogate"],
  [{ topic: "é".repeat(600), payload: "x" }, "too many bytes of topic"],
  [{ topic: "a" }, "no payload"],
  [{ topic: "a", payload: "x", payloadBase64: "eA==" }, "two payloads"],
  [{ topic: "a", payload: "é".repeat(40_000) }, "too many bytes of payload"],
  [{ topic: "a", payload: "x", expiresInS: 604_801 }, "more than a week"],
  [{ topic: "a", payload: "x", retain: true }, "an unknown member"],
])("%j is refused: %s", async (body) => {
  const response = await send(body);
  expect(response.statusCode).toBe(400);
  expect(response.json()).toMatchObject({ code: "request_invalid" });
});

test("managers, residents and suppliers may not, and strangers know of nothing", async () => {
  const body = { topic: "a", payload: "x" };
  for (const [role, status] of [
    ["manager", 403],
    ["resident", 403],
    ["supplier", 404],
  ] as const) {
    expect((await send(body, world.tokens[role])).statusCode, role).toBe(status);
    expect((await send(body, world.strangers[role])).statusCode, role).toBe(404);
  }
  expect((await send(body, world.strangers.coordinator)).statusCode).toBe(404);
});

test("a pending command is withdrawn once; one that was sent, ended, or is another device's, is not", async () => {
  const id = createdId(await send({ topic: "a", payload: "x" }));
  const withdraw = (commandId: string, at = url) =>
    api.ask("DELETE", `${at}/${commandId}`, { token: world.tokens.coordinator });
  const other = `/v1/devices/${world.home.privateDevice}/commands`;
  expect((await withdraw(id, other)).statusCode).toBe(404);
  expect((await withdraw(id)).statusCode).toBe(204);
  const again = await withdraw(id);
  expect(again.statusCode).toBe(409);
  expect(again.json()).toMatchObject({ code: "state_forbidden" });
  const sent = createdId(await send({ topic: "a", payload: "x" }));
  await api.pool.query(
    "update device_command set state = 'sent', sent_by = 'b', sent_at = now() where id = $1",
    [sent],
  );
  expect((await withdraw(sent)).statusCode).toBe(409);
  expect((await withdraw("999999")).statusCode).toBe(404);
  expect((await list()).items.slice(0, 2)).toMatchObject([
    { id: sent, state: "sent" },
    { id, state: "cancelled" },
  ]);
});

test("a hundred may wait, also when they come at once; what expires makes room", async () => {
  const before = (await list()).items.length;
  const answers = await Promise.all(
    Array.from({ length: 104 }, () => send({ topic: "many", payload: "", expiresInS: 60 })),
  );
  const waiting = 2;
  expect(answers.filter(({ statusCode }) => statusCode === 201)).toHaveLength(100 - waiting);
  expect(answers.find(({ statusCode }) => statusCode !== 201)?.json()).toMatchObject({
    code: "state_forbidden",
  });
  expect(before).toBeLessThan(10);
  nowMs += 60_000;
  expect((await send({ topic: "many", payload: "" })).statusCode).toBe(201);
});

test("the list is paged, newest first", async () => {
  const page = await api.ask("GET", `${url}?limit=2`, { token: world.tokens.admin });
  const { items, nextCursor } = page.json<{ items: { id: string }[]; nextCursor: string }>();
  const next = await api.ask("GET", `${url}?limit=2&cursor=${nextCursor}`, { token: world.tokens.admin });
  const ids = [...items, ...next.json<{ items: { id: string }[] }>().items].map(({ id }) => Number(id));
  expect(ids).toEqual(ids.toSorted((a, b) => b - a));
  expect(new Set(ids).size).toBe(4);
});
