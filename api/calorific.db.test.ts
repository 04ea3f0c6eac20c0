// Gas over HTTP: litres as metered, Wh once a calorific value is recorded, and which one it was.
import { afterAll, beforeAll, expect, test } from "vitest";
import { ADMIN_EMAIL, building, createdId, profileDay, register, testApi, type TestApi } from "./test-api.ts";

let api: TestApi;
let admin: string;
let buildingId: string;
let point: string;

const create = async (url: string, body: unknown) =>
  createdId(await api.ask("POST", url, { token: admin, body }));
const load = async (more = "") =>
  (
    await api.ask(
      "GET",
      `/v1/supply-points/${point}/load?from=2026-01-15&to=2026-01-16&resolution=day${more}`,
      { token: admin },
    )
  ).json<{ unit: string; points: { value: number | null }[]; calorificValues?: unknown[] }>();
const record = (body: object) =>
  api.ask("POST", "/v1/calorific-values", {
    token: admin,
    body: { zone: "BE-BRU", from: "2026-01-01", kwhPerM3: "11.5", source: "the network's list", ...body },
  });

beforeAll(async () => {
  api = await testApi();
  admin = await api.signIn(ADMIN_EMAIL);
  buildingId = await create("/v1/buildings", building);
  point = await create(`/v1/buildings/${buildingId}/supply-points`, {
    carrier: "gas",
    scope: "common",
    vatRate: 0.06,
  });
  const device = await create(`/v1/buildings/${buildingId}/devices`, {
    name: "gas",
    profile: "dsmr-p1",
    supplyPoints: { gas: point },
  });
  const id = await register(api.pool, device, point, { carrier: "gas", quantity: "volume", unit: "m3" });
  for (const day of ["2026-01-14", "2026-01-15"]) await profileDay(api.pool, id, day, 10);
});
afterAll(() => api.stop());

test("without a calorific value gas is a volume, and energy is missing rather than invented", async () => {
  expect(await load()).toMatchObject({ unit: "l", points: [{ value: 960 }] });
  expect(await load("&quantity=energy")).toMatchObject({
    unit: "Wh",
    points: [{ value: null }],
    calorificValues: [],
  });
});

test("with one it is energy, and the answer names the value; the volume can still be asked for", async () => {
  expect((await record({})).statusCode).toBe(201);
  expect(await load()).toMatchObject({
    unit: "Wh",
    points: [{ value: 11_040 }],
    calorificValues: [{ zone: "BE-BRU", from: "2026-01-01", version: 1, kwhPerM3: "11.50000" }],
  });
  expect(await load("&quantity=volume")).toMatchObject({ unit: "l", points: [{ value: 960 }] });
});

test("a correction is a new version and changes the answer; the same again adds nothing", async () => {
  expect((await record({ kwhPerM3: "11.6" })).json()).toMatchObject({ version: 2 });
  expect((await record({ kwhPerM3: "11.6" })).json()).toMatchObject({ version: 2 });
  expect(await load()).toMatchObject({ points: [{ value: 11_136 }], calorificValues: [{ version: 2 }] });
});

test("the building's own gas zone counts before its region", async () => {
  await record({ zone: "GAS-42", kwhPerM3: "10" });
  await api.ask("PATCH", `/v1/buildings/${buildingId}`, { token: admin, body: { gasZone: "GAS-42" } });
  expect(await load()).toMatchObject({ points: [{ value: 9600 }], calorificValues: [{ zone: "GAS-42" }] });
});

test.each([
  [{ kwhPerM3: "38.52" }, "must be between 5 and 15"],
  [{ zone: "be bru" }, "/zone"],
  [{ from: "2026-02-30" }, "/from"],
])("%o is refused", async (body, words) => {
  const answer = await record(body);
  expect(answer.statusCode).toBe(400);
  expect(JSON.stringify(answer.json())).toContain(words);
});

test("electricity has no volume", async () => {
  const other = await create(`/v1/buildings/${buildingId}/supply-points`, {
    carrier: "electricity",
    scope: "common",
    vatRate: 0.06,
  });
  const url = `/v1/supply-points/${other}/load?from=2026-01-15&to=2026-01-16&quantity=volume`;
  expect((await api.ask("GET", url, { token: admin })).statusCode).toBe(400);
});
