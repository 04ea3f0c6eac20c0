// Findings of validation over HTTP: of imported history, bounded, up to now, for whoever may see the load.
import { afterAll, beforeAll, expect, test } from "vitest";
import { testApi, testWorld, type TestApi, type World } from "./test-api.ts";

const NOW = Date.parse("2026-06-10T10:07:00Z");
let api: TestApi;
let world: World;

beforeAll(async () => {
  api = await testApi();
  world = await testWorld(api);
});
afterAll(() => api.stop());

async function bring(rows: readonly string[]): Promise<void> {
  const form = new FormData();
  form.append("format", "interval-csv");
  form.append("supplyPointId", world.home.common);
  form.append("file", new Blob([["from,to,energyWh,status", ...rows].join("\n")]), "history.csv");
  const request = new Request("http://localhost", { method: "POST", body: form });
  const headers = {
    authorization: `Bearer ${world.tokens.admin}`,
    "content-type": request.headers.get("content-type") ?? "",
  };
  const payload = Buffer.from(await request.arrayBuffer());
  const answer = await api.app.inject({ method: "POST", url: "/v1/imports", headers, payload });
  const { id } = answer.json<{ id: string }>();
  const committed = await api.ask("POST", `/v1/imports/${id}/commit`, { token: world.tokens.admin });
  expect(committed.json()).toMatchObject({ state: "committed" });
}

const ask = (span: string, token = world.tokens.admin) =>
  api.ask("GET", `/v1/supply-points/${world.home.common}/validation?${span}`, { token });
const QUARTER = "from=2026-01-15T10:00:00Z&to=2026-01-15T11:00:00Z";

test("findings name rule, span, value and limit", async () => {
  await bring([
    "2026-01-15T10:00:00Z,2026-01-15T10:15:00Z,100,validated",
    "2026-01-15T10:15:00Z,2026-01-15T10:30:00Z,100,validated",
    "2026-01-15T10:30:00Z,2026-01-15T10:45:00Z,900,validated",
  ]);
  const answer = await ask(QUARTER);
  expect(answer.headers["cache-control"]).toContain("private");
  expect(answer.json()).toEqual({
    unit: "Wh",
    from: "2026-01-15T10:00:00.000Z",
    to: "2026-01-15T11:00:00.000Z",
    findings: [
      {
        rule: "spike",
        from: "2026-01-15T10:30:00.000Z",
        to: "2026-01-15T10:45:00.000Z",
        value: 900,
        limit: 280,
        unit: "Wh",
        severity: "warning",
      },
      {
        rule: "missing",
        from: "2026-01-15T10:45:00.000Z",
        to: "2026-01-15T11:00:00.000Z",
        value: 1,
        limit: 0,
        unit: "quarter_hours",
        severity: "warning",
      },
    ],
  });
});

test("what is to come is not missing", async () => {
  const later = await testApi({ time: { now: () => NOW } });
  try {
    const site = await testWorld(later);
    const of = (span: string) =>
      later.ask("GET", `/v1/supply-points/${site.home.common}/validation?${span}`, {
        token: site.tokens.admin,
      });
    expect((await of("from=2026-06-10T09:00:00Z&to=2026-06-11T00:00:00Z")).json()).toMatchObject({
      to: "2026-06-10T10:00:00.000Z",
      findings: [{ rule: "missing", value: 4 }],
    });
    expect((await of("from=2026-06-11&to=2026-06-12")).json()).toMatchObject({ findings: [] });
  } finally {
    await later.stop();
  }
});

test("whoever may see the load may see what is doubtful about it, and nobody else", async () => {
  for (const role of ["admin", "coordinator", "manager", "resident", "supplier"] as const) {
    const load = `/v1/supply-points/${world.home.common}/load?${QUARTER}`;
    const shown = await api.ask("GET", load, { token: world.tokens[role] });
    expect([role, (await ask(QUARTER, world.tokens[role])).statusCode]).toEqual([role, shown.statusCode]);
  }
  expect((await ask(QUARTER, world.strangers.manager)).statusCode).toBe(404);
});

test("a span that is too long is refused", async () => {
  const answer = await ask("from=2025-01-01&to=2026-02-06");
  expect(answer.json()).toMatchObject({ code: "span_too_long", maximumDays: 400 });
  expect((await ask("from=2025-01-01&to=2026-02-05")).statusCode).toBe(200);
});

test("a building's findings are those of the supply points that the viewer may see, by rule", async () => {
  const { building, common, private: ofUnit } = world.home;
  const of = async (token: string) =>
    api.ask("GET", `/v1/buildings/${building}/validation?${QUARTER}`, { token });
  const told = async (token: string) =>
    (await of(token)).json<{ items: { supplyPointId: string; rule: string }[]; withheld: number }>();
  const { admin, manager, resident, coordinator, supplier } = world.tokens;
  expect(await told(manager)).toEqual({
    from: "2026-01-15T10:00:00.000Z",
    to: "2026-01-15T11:00:00.000Z",
    items: [
      {
        supplyPointId: common,
        direction: "import",
        rule: "missing",
        severity: "warning",
        count: 1,
        from: "2026-01-15T10:45:00.000Z",
        to: "2026-01-15T11:00:00.000Z",
        latest: expect.objectContaining({ value: 1, unit: "quarter_hours" }),
      },
      {
        supplyPointId: common,
        direction: "import",
        rule: "spike",
        severity: "warning",
        count: 1,
        from: "2026-01-15T10:30:00.000Z",
        to: "2026-01-15T10:45:00.000Z",
        latest: {
          rule: "spike",
          severity: "warning",
          from: "2026-01-15T10:30:00.000Z",
          to: "2026-01-15T10:45:00.000Z",
          value: 900,
          limit: 280,
          unit: "Wh",
        },
      },
    ],
    withheld: 0,
  });
  for (const token of [admin, resident]) {
    const points = new Set((await told(token)).items.map(({ supplyPointId }) => supplyPointId));
    expect(points).toEqual(new Set([common, ofUnit]));
  }
  expect(await told(coordinator)).toMatchObject({ items: [], withheld: 2 });
  expect((await of(supplier)).statusCode).toBe(404);
  expect((await of(world.strangers.manager)).statusCode).toBe(404);
});
