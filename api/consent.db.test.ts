// A withdrawal stands until whoever decides gives the consent again: nobody who keeps the ledger undoes it.
import { afterAll, beforeAll, expect, test } from "vitest";
import { testApi, testWorld, type TestApi, type World } from "./test-api.ts";

let api: TestApi;
let world: World;
let nowMs = Date.UTC(2026, 2, 1);

beforeAll(async () => {
  api = await testApi({ time: { now: () => nowMs } });
  world = await testWorld(api);
});
afterAll(() => api.stop());

const FROM = "2026-01-01T00:00:00Z";
const give = async (token: string, point: string, purpose: string, from = FROM) => {
  nowMs += 1000;
  const body = { purpose, from, evidence: "minutes" };
  return api.ask("POST", `/v1/supply-points/${point}/consents`, { token, body });
};
const withdraw = async (token: string, point: string, purpose: string) => {
  nowMs += 1000;
  const url = `/v1/supply-points/${point}/consents?purpose=${purpose}`;
  expect((await api.ask("DELETE", url, { token })).statusCode).toBe(204);
  return new Date(nowMs).toISOString();
};
const now = () => new Date(nowMs).toISOString();

test.each([
  ["manager", "common", "The manager"],
  ["resident", "private", "The resident"],
] as const)(
  "what a %s withdrew, only such a one gives again, and not for the time before",
  async (who, of, name) => {
    const point = world.home[of];
    const { admin, coordinator, [who]: decider } = world.tokens;
    expect((await give(coordinator, point, "load-profile")).statusCode).toBe(201);
    expect((await give(coordinator, point, "tender")).statusCode).toBe(201);
    const withdrawnAt = await withdraw(decider, point, "load-profile");
    for (const token of [coordinator, admin]) {
      for (const from of [FROM, now()]) {
        const refused = (await give(token, point, "load-profile", from)).json();
        expect(refused).toMatchObject({ status: 403, code: "forbidden", withdrawnAt });
        expect(refused).toMatchObject({ detail: expect.stringContaining(name) });
      }
    }
    expect((await give(coordinator, point, "tender")).statusCode, "another purpose").toBe(201);
    expect((await give(decider, point, "load-profile")).json()).toMatchObject({
      status: 400,
      code: "request_invalid",
      errors: [{ pointer: "/from" }],
    });
    expect((await give(decider, point, "load-profile", withdrawnAt)).statusCode).toBe(201);
    const again = await give(coordinator, point, "load-profile", now());
    expect(again.statusCode, "given again, it is kept as before").toBe(201);
    expect((await give(coordinator, point, "load-profile")).json(), "but not backdated").toMatchObject({
      status: 400,
      errors: [{ pointer: "/from" }],
    });
    await withdraw(decider, point, "load-profile");
    expect((await give(coordinator, point, "load-profile", now())).statusCode).toBe(403);
  },
);

test("what who keeps the ledger withdrew, he may give again", async () => {
  const { admin, coordinator } = world.tokens;
  const point = world.home.private;
  expect((await give(coordinator, point, "publication")).statusCode).toBe(201);
  await withdraw(admin, point, "publication");
  expect((await give(coordinator, point, "publication")).statusCode).toBe(201);
});

test("a withdrawal stays the resident's, whatever his role is made afterwards", async () => {
  const { admin, coordinator, resident } = world.tokens;
  const point = world.home.private;
  await withdraw(resident, point, "publication");
  const patch = { role: "coordinator", unitId: null };
  const url = `/v1/users/${world.home.people.resident}`;
  expect((await api.ask("PATCH", url, { token: admin, body: patch })).statusCode).toBe(200);
  expect((await give(coordinator, point, "publication", now())).statusCode).toBe(403);
});

test("a consent that comes with the withdrawal does not stay beside it", async () => {
  const { coordinator, manager } = world.tokens;
  const point = world.home.common;
  await Promise.all([
    ...Array.from({ length: 5 }, () => give(coordinator, point, "publication")),
    withdraw(manager, point, "publication"),
    ...Array.from({ length: 5 }, () => give(coordinator, point, "publication")),
  ]);
  const { rows } = await api.pool.query(
    "select from consent where supply_point_id = $1 and purpose = 'publication' and withdrawn_at is null",
    [point],
  );
  const withdrawn = await api.pool.query(
    "select from consent where supply_point_id = $1 and purpose = 'publication' and withdrawn_at is not null",
    [point],
  );
  // Nothing was there to withdraw, or everything that was there is gone.
  expect(withdrawn.rowCount === 0 || rows.length === 0).toBe(true);
});
