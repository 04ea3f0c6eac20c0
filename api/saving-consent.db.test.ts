// Who may follow up an award: its coordinator by the tender's own consent, and nobody rewrites what it brought.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Role } from "#devices/vocabulary";
import { profileDay, testApi, testWorld, type TestApi, type World } from "./test-api.ts";
import { awardTender } from "./test-award.ts";

const NOW = Date.UTC(2026, 3, 3, 10);
const BEFORE = { nanoPerKwh: 300_000_000, feeMicro: 60_000_000, vat: 0, green: 200_000 };
const AFTER = { nanoPerKwh: 250_000_000, feeMicro: 36_500_000, green: 1_000_000 };
const SPAN = "from=2026-04-01&to=2026-04-02";

let api: TestApi;
let world: World;
let tender: string;

beforeAll(async () => {
  api = await testApi({ time: { now: () => NOW }, cohortMin: 3 });
  world = await testWorld(api);
  const { home } = world;
  for (const day of ["2026-03-31", "2026-04-01", "2026-04-02"]) {
    await profileDay(api.pool, home.commonRegister, day, 125);
    await profileDay(api.pool, home.privateRegister, day, 25);
  }
  const point = { buildingId: home.building, before: BEFORE, annualWh: 4_380_000 };
  tender = await awardTender(api.pool, {
    ...AFTER,
    organisationId: home.organisation,
    supplierId: home.organisation,
    startsOn: "2026-04-01",
    points: [
      { ...point, supplyPointId: home.common },
      { ...point, supplyPointId: home.private, annualWh: 876_000 },
    ],
  });
});
beforeEach(() => api.pool.query("delete from consent"));
afterAll(() => api.stop());

type Savings = {
  items: { supplyPointId: string }[];
  energyWh: number;
  withheld: number;
  promisedAnnualSaving: string;
  promisedToDate: string;
};
const ask = async <Answer>(url: string, role: Role) =>
  (await api.ask("GET", url, { token: world.tokens[role] })).json<Answer>();
const ofBuilding = (role: Role) => ask<Savings>(`/v1/buildings/${world.home.building}/savings?${SPAN}`, role);
const followUp = (role: Role) => ask<Savings>(`/v1/tenders/${tender}/follow-up`, role);

async function consent(supplyPoint: string, purpose: string, more: object = {}): Promise<void> {
  const body = { purpose, from: "2026-01-01T00:00:00Z", evidence: "minutes", ...more };
  const url = `/v1/supply-points/${supplyPoint}/consents`;
  expect((await api.ask("POST", url, { token: world.tokens.admin, body })).statusCode).toBe(201);
}
const withdraw = (supplyPoint: string) =>
  api.ask("DELETE", `/v1/supply-points/${supplyPoint}/consents?purpose=tender`, {
    token: world.tokens.admin,
  });

describe("the coordinator who ran the tender", () => {
  test("needs no other consent than the tender's to follow it up, and gets no load by it", async () => {
    const { common, private: own } = world.home;
    for (const point of [common, own]) await consent(point, "tender");
    const all = { energyWh: 14_400, withheld: 0, items: [{ supplyPointId: common }, { supplyPointId: own }] };
    expect(await ofBuilding("coordinator")).toMatchObject(all);
    expect(await ask(`/v1/portfolio/savings?${SPAN}`, "coordinator")).toMatchObject(all);
    const follow = await followUp("coordinator");
    expect(follow).toMatchObject({ energyWh: 28_800, withheld: 0 });
    // 4380 × 0.05 + 23.50, and 876 × 0.05 + 23.50; two days of it.
    expect(follow).toMatchObject({ promisedAnnualSaving: "309.80", promisedToDate: "1.697534" });
    for (const point of [common, own]) {
      const load = await api.ask("GET", `/v1/supply-points/${point}/load?${SPAN}`, {
        token: world.tokens.coordinator,
      });
      expect(load.json()).toMatchObject({ status: 403 });
    }
    expect(await ask(`/v1/buildings/${world.home.building}/emissions?${SPAN}`, "coordinator")).toMatchObject({
      energyWh: 0,
      location: null,
      withheld: 2,
    });
  });

  test("follows up who took part, also when the consent has run out", async () => {
    await consent(world.home.common, "tender", { until: "2026-03-01T00:00:00Z" });
    expect(await ofBuilding("coordinator")).toMatchObject({ energyWh: 14_400, withheld: 0 });
  });

  test("is told how many he does not see once a consent is withdrawn; what was promised stays", async () => {
    const { common, private: own } = world.home;
    for (const point of [common, own]) await consent(point, "tender");
    expect((await withdraw(own)).statusCode).toBe(204);
    const left = { withheld: 1, items: [{ supplyPointId: common }] };
    expect(await ofBuilding("coordinator")).toMatchObject({ ...left, energyWh: 12_000 });
    const follow = await followUp("coordinator");
    expect(follow).toMatchObject({ ...left, energyWh: 24_000, promisedAnnualSaving: "309.80" });
    expect(follow.promisedToDate).toBe((await followUp("admin")).promisedToDate);
    await consent(own, "tender");
    expect(await ofBuilding("coordinator")).toMatchObject({ energyWh: 14_400, withheld: 0 });
    expect((await withdraw(own)).statusCode).toBe(204);
    await consent(own, "load-profile");
    expect(await ofBuilding("coordinator")).toMatchObject({ energyWh: 14_400, withheld: 0 });
  });

  test("of a building that has left sees what a consent in force still opens", async () => {
    const left =
      "update tender_participant set left_at = $2, left_by = case when $2::timestamptz is null then null else joined_by end where tender_id = $1";
    await api.pool.query(left, [tender, "2026-04-01T00:00:00Z"]);
    expect(await ofBuilding("coordinator")).toMatchObject({ energyWh: 0, items: [], withheld: 2 });
    await consent(world.home.common, "tender");
    expect(await ofBuilding("coordinator")).toMatchObject({ energyWh: 12_000, withheld: 1 });
    await api.pool.query(left, [tender, null]);
  });
});

test("another coordinator, who keeps the building now, sees what consents to the load", async () => {
  const token = world.strangers.coordinator;
  const move = "update building set organisation_id = $2 where id = $1";
  await api.pool.query(move, [world.home.building, world.away.organisation]);
  await consent(world.home.common, "tender");
  const url = `/v1/buildings/${world.home.building}/savings?${SPAN}`;
  const other = async () => (await api.ask("GET", url, { token })).json<Savings>();
  expect(await other()).toMatchObject({ energyWh: 0, items: [], withheld: 2 });
  await consent(world.home.common, "load-profile");
  expect(await other()).toMatchObject({ energyWh: 12_000, withheld: 1 });
  await api.pool.query(move, [world.home.building, world.home.organisation]);
});

test("a manager is told of the household that is not in the sum; outside the contract nothing is withheld", async () => {
  expect(await ofBuilding("manager")).toMatchObject({ energyWh: 12_000, withheld: 1 });
  const before = `/v1/buildings/${world.home.building}/savings?from=2026-03-01&to=2026-04-01`;
  expect(await ask(before, "manager")).toMatchObject({ items: [], withheld: 0 });
  expect(await ofBuilding("admin")).toMatchObject({ withheld: 0 });
  expect(await ofBuilding("resident")).toMatchObject({ energyWh: 14_400, withheld: 0 });
});

describe("a contract that a tender brought", () => {
  const terms = {
    supplier: "Mine",
    pricePerKwh: "0.01",
    annualFee: "0",
    currency: "EUR",
    vat: "excluded",
    noticeDays: 30,
  };
  const put = (start: string, role: Role) =>
    api.ask("PUT", `/v1/supply-points/${world.home.common}/contract`, {
      token: world.tokens[role],
      body: { ...terms, start },
    });

  test.each(["manager", "coordinator", "admin"] as const)("is not rewritten by a %s", async (role) => {
    const before = await ofBuilding("admin");
    const refused = await put("2026-04-01", role);
    expect(refused.json()).toMatchObject({
      status: 409,
      code: "state_forbidden",
      reason: "contract_awarded",
    });
    expect(refused.json<{ detail: string }>().detail).toMatch(/later contract with another start/);
    expect(await ofBuilding("admin")).toMatchObject({ items: before.items, energyWh: before.energyWh });
    expect(await ask(`/v1/supply-points/${world.home.common}/contract`, "manager")).toMatchObject({
      supplier: "Winner",
      pricePerKwh: "0.250000",
      greenShare: 1,
      tenderId: tender,
    });
  });

  test("is followed by a later one, which may be corrected", async () => {
    expect((await put("2026-04-02", "manager")).statusCode).toBe(200);
    expect((await put("2026-04-02", "manager")).statusCode).toBe(200);
    await api.pool.query("delete from contract where starts_on = '2026-04-02'");
  });

  test("leaves its first day free where a supply point has none of that day", async () => {
    const url = `/v1/supply-points/${world.away.common}/contract`;
    const body = { ...terms, start: "2026-04-01" };
    const token = world.strangers.manager;
    expect((await api.ask("PUT", url, { token, body })).statusCode).toBe(200);
    expect((await api.ask("PUT", url, { token, body })).statusCode).toBe(200);
  });
});
