// Which quarter-hours are estimated and how, over HTTP: seen by whoever may see the load.
import { afterAll, beforeAll, expect, test } from "vitest";
import { testApi, testWorld, type TestApi, type World } from "./test-api.ts";

let api: TestApi;
let world: World;
beforeAll(async () => {
  api = await testApi();
  world = await testWorld(api);
});
afterAll(() => api.stop());

const ask = (span: string, token = world.tokens.admin) =>
  api.ask("GET", `/v1/supply-points/${world.home.common}/estimates?${span}`, { token });

test("each run says from when to when, how, and how much; nobody else is told", async () => {
  await api.pool.query(
    `insert into estimated_day (register_id, day, quarters, statuses, methods, reach_days)
     values (
       $1, '2026-02-10', decode(repeat('05000000', 96), 'hex'),
       decode(repeat('00', 40) || repeat('02', 8) || repeat('00', 48), 'hex'),
       decode(repeat('00', 40) || repeat('04', 4) || repeat('06', 4) || repeat('00', 48), 'hex'), 7
     )`,
    [world.home.commonRegister],
  );
  const span = "from=2026-02-10&to=2026-02-11";
  const run = { registerId: world.home.commonRegister, status: "substituted", value: 20 };
  const answer = await ask(span);
  expect(answer.headers["cache-control"]).toContain("private");
  expect(answer.json()).toEqual({
    unit: "Wh",
    items: [
      {
        ...run,
        method: "like_day_temperature",
        from: "2026-02-10T10:00:00.000Z",
        to: "2026-02-10T11:00:00.000Z",
      },
      {
        ...run,
        method: "shape_temperature",
        from: "2026-02-10T11:00:00.000Z",
        to: "2026-02-10T12:00:00.000Z",
      },
    ],
  });
  for (const role of ["admin", "coordinator", "manager", "resident", "supplier"] as const) {
    const load = `/v1/supply-points/${world.home.common}/load?${span}&resolution=day`;
    const shown = await api.ask("GET", load, { token: world.tokens[role] });
    expect([role, (await ask(span, world.tokens[role])).statusCode]).toEqual([role, shown.statusCode]);
  }
  expect((await ask("from=2024-01-01&to=2026-02-01")).json()).toMatchObject({
    code: "span_too_long",
    maximumDays: 400,
  });
});
