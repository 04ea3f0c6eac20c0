// Emissions and the portfolio over HTTP: kilograms by hand, factors named, and sums that show no more than their buildings do.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Role } from "#devices/vocabulary";
import {
  PASSWORD,
  building,
  createdId,
  profileDay,
  register,
  testApi,
  testWorld,
  type TestApi,
  type World,
} from "./test-api.ts";

const NOW = Date.UTC(2026, 3, 10, 10, 7);

let api: TestApi;
let world: World;

const create = async (url: string, body: unknown) =>
  createdId(await api.ask("POST", url, { token: world.tokens.admin, body }));

async function contract(supplyPoint: string, start: string, greenShare: number | null): Promise<void> {
  const terms = { supplier: "Old", pricePerKwh: "0.30", annualFee: "60", currency: "EUR", vat: "excluded" };
  const url = `/v1/supply-points/${supplyPoint}/contract`;
  const body = { ...terms, start, noticeDays: 30, greenShare };
  expect((await api.ask("PUT", url, { token: world.tokens.admin, body })).statusCode).toBe(200);
}

beforeAll(async () => {
  api = await testApi({ time: { now: () => NOW }, cohortMin: 3 });
  world = await testWorld(api);
  for (let day = 28; day <= 31; day++) {
    await profileDay(api.pool, world.home.commonRegister, `2026-03-${day}`, 125);
    await profileDay(api.pool, world.home.privateRegister, `2026-03-${day}`, 25);
    await profileDay(api.pool, world.away.commonRegister, `2026-03-${day}`, 1000);
  }
  await contract(world.home.common, "2026-01-01", 0.5);
  await contract(world.home.common, "2026-03-31", 1);
});
afterAll(() => api.stop());

type Emissions = {
  energyWh: number;
  location: number | null;
  market: number | null;
  points: { from: string; energyWh: number; location: number | null; market: number | null }[];
};
const ask = async <Answer>(url: string, token: string) =>
  (await api.ask("GET", url, { token })).json<Answer>();
const emissions = (query: string, role: Role = "manager") =>
  ask<Emissions>(`/v1/buildings/${world.home.building}/emissions?${query}`, world.tokens[role]);

test("by hand: 23 hours, a day half certified, a day all certified", async () => {
  // 11.5 and 12 and 12 kWh at 180 g (2025's, as 2026 has none yet); at 167.49 g for what is not certified.
  const answer = await emissions("from=2026-03-29&to=2026-04-01&resolution=day");
  expect(answer).toMatchObject({
    timezone: "Europe/Brussels",
    resolution: "day",
    carrier: "electricity",
    asOf: "2026-04-10T10:00:00.000Z",
    factors: {
      version: "2026-11",
      zone: "BE",
      years: [{ zone: "BE", year: 2026, gPerKwh: 180, carriedFrom: 2025 }],
      residual: { zone: "BE", year: 2023, gPerKwh: 167.49 },
    },
    energyWh: 35_500,
    marketCoveredShare: 1,
  });
  expect(answer.points).toMatchObject([
    { energyWh: 11_500, location: 2.07, market: 0.963 },
    { energyWh: 12_000, location: 2.16, market: 1.005 },
    { energyWh: 12_000, location: 2.16, market: 0 },
  ]);
  const months = await emissions("from=2026-03-29&to=2026-04-01");
  expect(months).toMatchObject({ location: answer.location, market: answer.market });
  expect(months.points).toHaveLength(1);
});

test("who may not see the household's load does not weigh it; its mix is not known, and the share says so", async () => {
  const day = "from=2026-03-30&to=2026-03-31";
  expect((await emissions(day, "manager")).energyWh).toBe(12_000);
  expect((await emissions(day, "resident")).energyWh).toBe(12_000);
  expect(await emissions(day, "coordinator")).toMatchObject({
    energyWh: 0,
    location: null,
    market: null,
    withheld: 2,
  });
  expect(await emissions(day, "manager")).toMatchObject({ withheld: 1 });
  expect(await emissions(day, "admin")).toMatchObject({
    energyWh: 14_400,
    location: 2.592,
    market: 1.005,
    marketCoveredShare: 0.833333,
    coveredShare: 1,
    withheld: 0,
  });
  for (const role of ["coordinator", "manager", "resident", "supplier"] as const) {
    const url = `/v1/buildings/${world.home.building}/emissions?${day}`;
    expect((await api.ask("GET", url, { token: world.strangers[role] })).statusCode).toBe(404);
  }
});

test("what is missing is not covered; what is still to come is not missing", async () => {
  // There are rows from 28 March, 00:00 UTC on: 184 of the 3 × 96 + 92 quarter-hours.
  expect(await emissions("from=2026-03-26&to=2026-03-30")).toMatchObject({ coveredShare: 0.484211 });
  const open = await emissions("from=2026-04-10&to=2026-05-01&resolution=day");
  expect(open.points).toMatchObject([{ location: null, market: null, energyWh: 0 }]);
  expect(await emissions("from=2026-05-01&to=2026-06-01")).toMatchObject({ points: [], location: null });
});

test("a carrier without factors has none, and says that nothing is covered", async () => {
  expect(await emissions("from=2026-03-30&to=2026-03-31&carrier=gas")).toMatchObject({
    energyWh: 0,
    location: null,
    market: null,
    coveredShare: 0,
    factors: { zone: null, years: [], residual: null },
  });
});

test("a year before all factors is unknown, not guessed", async () => {
  await profileDay(api.pool, world.home.commonRegister, "2019-06-01", 100);
  const answer = await emissions("from=2019-06-01T00:00:00Z&to=2019-06-02T00:00:00Z&resolution=month");
  expect(answer).toMatchObject({ energyWh: 9_600, location: null, coveredShare: 0 });
});

test("the same answer is 304 while time goes by; the points come as CSV", async () => {
  const url = `/v1/buildings/${world.home.building}/emissions?from=2026-03-30&to=2026-03-31`;
  const first = await api.ask("GET", url, { token: world.tokens.manager });
  const headers = { "if-none-match": String(first.headers["etag"]) };
  expect((await api.ask("GET", url, { token: world.tokens.manager, headers })).statusCode).toBe(304);
  await profileDay(api.pool, world.home.commonRegister, "2026-03-30", 126);
  expect((await api.ask("GET", url, { token: world.tokens.manager, headers })).statusCode).toBe(200);
  await profileDay(api.pool, world.home.commonRegister, "2026-03-30", 125);
  const csv = await api.ask("GET", url, { token: world.tokens.manager, headers: { accept: "text/csv" } });
  expect(csv.body).toBe(
    "from,to,energy_Wh,location_kg,market_kg,coveredShare\r\n" +
      "2026-03-29T22:00:00.000Z,2026-03-30T22:00:00.000Z,12000,2.16,1.005,1\r\n",
  );
});

describe("the portfolio", () => {
  const day = "from=2026-03-30&to=2026-03-31";
  type Load = { buildings: number; supplyPoints: object; points: { value: number | null }[] };

  test("is the sum of what each building shows to the same viewer", async () => {
    const admin = await ask<Load>(`/v1/portfolio/load?${day}&resolution=day`, world.tokens.admin);
    expect(admin).toMatchObject({
      buildings: 2,
      supplyPoints: { common: 2, private: 2, withheld: 0 },
      points: [
        { value: 12_000 + 2_400 + 96_000, maxPowerW: 4600, quality: { measured: 0.75, missing: 0.25 } },
      ],
    });
    const manager = await ask<Load>(`/v1/portfolio/load?${day}&resolution=hour`, world.tokens.manager);
    expect(manager).toMatchObject({ buildings: 1, supplyPoints: { common: 1, private: 0, withheld: 1 } });
    expect(manager.points.reduce((sum, { value }) => sum + (value ?? 0), 0)).toBe(12_000);
    expect(await ask(`/v1/portfolio/emissions?${day}`, world.tokens.admin)).toMatchObject({
      energyWh: 110_400,
      location: 19.872,
    });
    expect(await ask(`/v1/portfolio/emissions?${day}`, world.tokens.manager)).toMatchObject({
      energyWh: 12_000,
      location: 2.16,
    });
  });

  test("hides households within their building, not among those of all", async () => {
    const manager = { email: "manager@both.example", role: "manager", password: PASSWORD };
    const buildingIds = [world.home.building, world.away.building];
    for (const extra of ["One", "Two"]) {
      const id = await create("/v1/buildings", { ...building, name: extra });
      buildingIds.push(id);
      const point = await create(`/v1/buildings/${id}/supply-points`, {
        carrier: "electricity",
        scope: "private",
        vatRate: 0.06,
      });
      const device = await create(`/v1/buildings/${id}/devices`, {
        name: "meter",
        profile: "dsmr-p1",
        supplyPoints: { electricity: point },
      });
      const registerId = await register(api.pool, device, point);
      for (const date of ["2026-03-29", "2026-03-30"]) await profileDay(api.pool, registerId, date, 25);
    }
    await create("/v1/users", { ...manager, buildingIds });
    const token = await api.signIn(manager.email);
    // Four households in four buildings, three of them with values: enough together, too few in each.
    expect(await ask(`/v1/portfolio/load?${day}&resolution=day`, token)).toMatchObject({
      supplyPoints: { common: 2, private: 0, withheld: 4 },
      points: [{ value: 108_000 }],
    });
  });

  test("is not for suppliers, needs a span, and answers at most 400 days at once", async () => {
    for (const what of ["load", "emissions", "savings"]) {
      const url = `/v1/portfolio/${what}`;
      const get = (query: string, role: Role) => api.ask("GET", url + query, { token: world.tokens[role] });
      expect((await get(`?${day}`, "supplier")).statusCode, what).toBe(403);
      expect((await get("", "admin")).json(), what).toMatchObject({ code: "request_invalid" });
      expect((await get("?from=2020-01-01&to=2026-01-01", "admin")).json(), what).toMatchObject({
        code: "span_too_long",
        maximumDays: 400,
      });
    }
  });
});
