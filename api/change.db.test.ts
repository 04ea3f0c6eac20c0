// Why a number changed, over HTTP: by an import that corrects an earlier one, seen by whoever may see the load.
import { afterAll, beforeAll, expect, test } from "vitest";
import { ADMIN_EMAIL, PASSWORD, building, createdId, testApi, type TestApi } from "./test-api.ts";

let api: TestApi;
let admin: string;
let stranger: string;
let point: string;

const create = async (url: string, body: unknown) =>
  createdId(await api.ask("POST", url, { token: admin, body }));

beforeAll(async () => {
  api = await testApi();
  admin = await api.signIn(ADMIN_EMAIL);
  const buildingId = await create("/v1/buildings", building);
  point = await create(`/v1/buildings/${buildingId}/supply-points`, {
    carrier: "electricity",
    scope: "common",
    vatRate: 0.06,
  });
  const other = await create("/v1/buildings", { ...building, name: "Another" });
  await create("/v1/users", {
    email: "manager@koprogo.example",
    role: "manager",
    buildingIds: [other],
    password: PASSWORD,
  });
  stranger = await api.signIn("manager@koprogo.example");
});
afterAll(() => api.stop());

async function bring(rows: readonly string[]): Promise<void> {
  const file = ["from,to,energyWh,status", ...rows].join("\n");
  const form = new FormData();
  form.append("format", "interval-csv");
  form.append("supplyPointId", point);
  form.append("file", new Blob([file]), "history.csv");
  const request = new Request("http://localhost", { method: "POST", body: form });
  const answer = await api.app.inject({
    method: "POST",
    url: "/v1/imports",
    headers: {
      authorization: `Bearer ${admin}`,
      "content-type": request.headers.get("content-type") ?? "",
    },
    payload: Buffer.from(await request.arrayBuffer()),
  });
  const { id } = answer.json<{ id: string }>();
  const committed = await api.ask("POST", `/v1/imports/${id}/commit`, { token: admin });
  expect(committed.json()).toMatchObject({ state: "committed" });
}

const changes = (more = "", token = admin) =>
  api.ask("GET", `/v1/supply-points/${point}/changes?from=2026-01-15&to=2026-01-16${more}`, { token });

test("a first import changes nothing that was shown", async () => {
  await bring([
    "2026-01-15T10:00:00Z,2026-01-15T10:15:00Z,100,substituted",
    "2026-01-15T10:15:00Z,2026-01-15T10:30:00Z,200,substituted",
  ]);
  expect((await changes()).json()).toEqual({ unit: "Wh", items: [], nextCursor: null });
});

test("an import that corrects it says of each quarter-hour what it was and what it is", async () => {
  await bring(["2026-01-15T10:15:00Z,2026-01-15T10:30:00Z,230,validated"]);
  const { items } = (await changes()).json<{ items: object[] }>();
  expect(items).toMatchObject([
    {
      from: "2026-01-15T10:15:00.000Z",
      layer: "imported",
      cause: "import",
      registerId: null,
      before: { value: 200, status: "substituted" },
      after: { value: 230, status: "validated" },
    },
  ]);
});

test("of another direction, another day or another building nothing is told", async () => {
  expect((await changes("&direction=export")).json()).toMatchObject({ items: [] });
  const url = `/v1/supply-points/${point}/changes?from=2026-01-16&to=2026-01-17`;
  expect((await api.ask("GET", url, { token: admin })).json()).toMatchObject({ items: [] });
  expect((await changes("", stranger)).statusCode).toBe(404);
});

test("pages follow each other", async () => {
  await bring(["2026-01-15T10:15:00Z,2026-01-15T10:30:00Z,231,validated"]);
  const first = (await changes("&limit=1")).json<{ items: unknown[]; nextCursor: string }>();
  expect(first.items.length).toBe(1);
  const second = (await changes(`&limit=1&cursor=${first.nextCursor}`)).json<{ items: unknown[] }>();
  expect(second).toMatchObject({ items: [{ after: { value: 231 } }], nextCursor: null });
});
