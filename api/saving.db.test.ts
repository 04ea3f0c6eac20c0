// Savings over HTTP against money computed by hand: days, contracts, gaps, roles, and households hidden among each other.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Role } from "#devices/vocabulary";
import {
  ADMIN_EMAIL,
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
import { awardTender } from "./test-award.ts";

const NOW = Date.UTC(2026, 3, 10, 10);
/** 0.30 a kWh and 60 a year with 6 % VAT in them, a fifth green; then 0.25 and 36.50 without, all green. */
const BEFORE = { nanoPerKwh: 300_000_000, feeMicro: 60_000_000, vat: 60_000, green: 200_000 };
const AFTER = { nanoPerKwh: 250_000_000, feeMicro: 36_500_000, green: 1_000_000 };

let api: TestApi;
let world: World;
let tender: string;

async function fillDays(registerId: string, wh: number): Promise<void> {
  for (let day = 20; day <= 31; day++) await profileDay(api.pool, registerId, `2026-03-${day}`, wh);
  for (let day = 1; day <= 10; day++)
    await profileDay(api.pool, registerId, `2026-04-${String(day).padStart(2, "0")}`, wh);
}

beforeAll(async () => {
  api = await testApi({ time: { now: () => NOW }, cohortMin: 3 });
  world = await testWorld(api);
  const { home } = world;
  await fillDays(home.commonRegister, 125);
  await fillDays(home.privateRegister, 25);
  const point = { buildingId: home.building, before: BEFORE, annualWh: 4_380_000 };
  tender = await awardTender(api.pool, {
    ...AFTER,
    organisationId: home.organisation,
    supplierId: home.organisation,
    startsOn: "2026-03-28",
    points: [
      { ...point, supplyPointId: home.common },
      { ...point, supplyPointId: home.private, annualWh: 876_000 },
    ],
  });
});
afterAll(() => api.stop());

type Item = { supplyPointId: string; from: string; to: string; energyWh: number; priceEffect: string };
type Savings = {
  items: Item[];
  energyWh: number;
  coveredShare: number;
  priceEffect: string;
  withheld: number;
};

const savingsUrl = (span: string, id = world.home.building) => `/v1/buildings/${id}/savings?${span}`;
const ask = async <Answer>(url: string, token: string) =>
  (await api.ask("GET", url, { token })).json<Answer>();
const asRole = (span: string, role: Role) => ask<Savings>(savingsUrl(span), world.tokens[role]);

test("by hand: the contract begins within the span, and one of its days has 23 hours", async () => {
  // 28 March to 1 April: 4 × 12 kWh + 11.5 kWh = 59.5 kWh in 5 days.
  //   before  59.5 × 0.30 ÷ 1.06 = 16.839623    60 × 5 ÷ 365 ÷ 1.06 = 0.775394    17.615017
  //   after   59.5 × 0.25        = 14.875       36.5 × 5 ÷ 365      = 0.5         15.375
  // 0.8 more of it is certified: 59.5 × 0.8 × 0.16749 = 7.972524 kg.
  const savings = await asRole("from=2026-03-25&to=2026-04-02", "manager");
  expect(savings).toMatchObject({
    currency: "EUR",
    vat: "excluded",
    energyWh: 59_500,
    coveredShare: 1,
    counterfactualCost: "17.615017",
    actualCost: "15.375",
    priceEffect: "2.240017",
    volumeEffect: null,
    co2Location: 0,
    co2Market: 7.973,
  });
  expect(savings.items).toEqual([
    {
      buildingId: world.home.building,
      supplyPointId: world.home.common,
      tenderId: tender,
      supplier: "Winner",
      from: "2026-03-28",
      to: "2026-04-02",
      energyWh: 59_500,
      coveredShare: 1,
      counterfactualCost: "17.615017",
      actualCost: "15.375",
      priceEffect: "2.240017",
    },
  ]);
});

test("only whole days that are over count: not today, nor a day that the span cuts", async () => {
  const counted = { from: "2026-04-07T22:00:00.000Z", to: "2026-04-09T22:00:00.000Z" };
  const cut = "from=2026-04-07T12:00:00Z&to=2026-05-01";
  const open = await asRole(cut, "manager");
  expect(open).toMatchObject(counted);
  expect(open.items).toMatchObject([{ from: "2026-04-08", to: "2026-04-10", energyWh: 24_000 }]);
  expect(await ask(`/v1/portfolio/savings?${cut}`, world.tokens.manager)).toMatchObject(counted);
  expect(await ask(`/v1/tenders/${tender}/follow-up?${cut}`, world.tokens.manager)).toMatchObject({
    ...counted,
    energyWh: 24_000,
  });
  const nothing = { items: [], energyWh: 0, priceEffect: "0.00", co2Market: null, withheld: 0 };
  const future = await asRole("from=2026-05-01&to=2026-06-01", "manager");
  expect(future).toMatchObject({
    ...nothing,
    from: "2026-04-30T22:00:00.000Z",
    to: "2026-04-30T22:00:00.000Z",
  });
  const within = "from=2026-04-07T12:00:00Z&to=2026-04-08T12:00:00Z";
  for (const url of [
    savingsUrl(within),
    `/v1/portfolio/savings?${within}`,
    `/v1/tenders/${tender}/follow-up?${within}`,
  ]) {
    expect(await ask(url, world.tokens.manager), url).toMatchObject({
      ...nothing,
      from: "2026-04-07T12:00:00.000Z",
      to: "2026-04-07T12:00:00.000Z",
    });
  }
});

test("items come as CSV, a line each; a supplier's name is no formula", async () => {
  await api.pool.query(`update contract set supplier = '=HYPERLINK("x")' where tender_id = $1`, [tender]);
  const accept = { headers: { accept: "text/csv" } };
  const header =
    "buildingId,supplyPointId,tenderId,supplier,from,to,energy_Wh,coveredShare,counterfactualCost,actualCost,priceEffect,currency";
  const span = "from=2026-04-01&to=2026-04-02";
  const { building: id, common, private: own } = world.home;
  const line = (point: string, rest: string) =>
    `${id},${point},${tender},"'=HYPERLINK(""x"")",2026-04-01,2026-04-02,${rest},EUR`;
  const both = [
    header,
    line(common, "12000,1,3.551305,3.10,0.451305"),
    line(own, "2400,1,0.834324,0.70,0.134324"),
    "",
  ].join("\r\n");
  for (const url of [savingsUrl(span), `/v1/portfolio/savings?${span}`]) {
    const csv = await api.ask("GET", url, { token: world.tokens.admin, ...accept });
    expect(csv.headers["content-type"]).toContain("text/csv");
    expect(csv.headers["vary"]).toContain("accept");
    expect(csv.body).toBe(both);
    const json = await api.ask("GET", url, { token: world.tokens.admin });
    expect(json.headers["etag"]).not.toBe(csv.headers["etag"]);
    const headers = { ...accept.headers, "if-none-match": String(csv.headers["etag"]) };
    expect((await api.ask("GET", url, { token: world.tokens.admin, headers })).statusCode).toBe(304);
  }
  await api.pool.query("update contract set supplier = 'Winner' where tender_id = $1", [tender]);
});

test("what was only estimated is neither priced nor covered", async () => {
  const url = "from=2026-04-05&to=2026-04-06";
  const lost =
    "update load_profile_day set statuses = overlay(statuses placing $2 from 41 for 4) where register_id = $1 and day = '2026-04-05'";
  const { commonRegister } = world.home;
  await api.pool.query(lost, [commonRegister, Buffer.alloc(4)]);
  try {
    const before = await asRole(url, "manager");
    await api.pool.query(
      "insert into estimated_day (register_id, day, quarters, statuses, reach_days) values ($1, '2026-04-05', $2, $3, 0)",
      [commonRegister, Buffer.alloc(4 * 96, 1), Buffer.alloc(96, 2)],
    );
    const after = await asRole(url, "manager");
    expect(before.coveredShare).toBeLessThan(1);
    expect(after).toEqual(before);
  } finally {
    await api.pool.query("delete from estimated_day where register_id = $1", [commonRegister]);
    await api.pool.query(lost, [commonRegister, Buffer.alloc(4, 4)]);
  }
});

test("a quarter-hour without a value is not counted, and the share says so", async () => {
  // Three quarters of the UTC day are gone; the fee of the day is due all the same.
  await api.pool.query(
    `update load_profile_day
     set statuses = overlay(statuses placing decode(repeat('00', 72), 'hex') from 1)
     where register_id = $1 and day = '2026-03-31'`,
    [world.home.commonRegister],
  );
  const span = "from=2026-03-30&to=2026-04-01";
  // 18 hours of the UTC day are 02:00 to 20:00 of the 31st there: 192 − 72 quarter-hours are left of the two days.
  expect(await asRole(span, "manager")).toMatchObject({
    energyWh: (192 - 72) * 125,
    coveredShare: 0.625,
    actualCost: "3.95",
  });
  await api.pool.query(
    "update load_profile_day set statuses = decode(repeat('04', 96), 'hex') where register_id = $1",
    [world.home.commonRegister],
  );
});

describe("who sees what", () => {
  const span = "from=2026-04-01&to=2026-04-02";
  const pointsOf = async (role: Role) =>
    (await asRole(span, role)).items.map(({ supplyPointId }) => supplyPointId);

  test("an administrator and the resident see the household's item, a manager neither item nor energy", async () => {
    const { common, private: own } = world.home;
    expect(await pointsOf("admin")).toEqual([common, own]);
    expect(await pointsOf("resident")).toEqual([common, own]);
    expect(await pointsOf("manager")).toEqual([common]);
    expect((await asRole(span, "manager")).energyWh).toBe(12_000);
    expect((await asRole(span, "admin")).energyWh).toBe(14_400);
  });

  test("strangers and suppliers find nothing; a supplier that knows the tender may not follow it up", async () => {
    for (const role of ["coordinator", "manager", "resident", "supplier"] as const) {
      const token = world.strangers[role];
      expect((await api.ask("GET", savingsUrl(span), { token })).statusCode).toBe(404);
      const follow = await api.ask("GET", `/v1/tenders/${tender}/follow-up`, { token });
      expect(follow.statusCode, role).toBe(role === "supplier" ? 403 : 404);
      const own = await api.ask("GET", `/v1/portfolio/savings?${span}`, { token });
      if (role === "supplier") expect(own.statusCode).toBe(403);
      else expect(own.json()).toMatchObject({ items: [], energyWh: 0 });
    }
  });
});

test("a contract in another currency is no part of the sum", async () => {
  const url = savingsUrl("from=2026-04-01&to=2026-04-02&currency=CHF");
  expect(await ask(url, world.tokens.admin)).toMatchObject({ currency: "CHF", items: [], energyWh: 0 });
});

test("the follow-up goes from the delivery to today, by month, beside what was promised", async () => {
  const url = `/v1/tenders/${tender}/follow-up`;
  const response = await api.ask("GET", url, { token: world.tokens.manager });
  // A year of 4,380 kWh and 365 days: 1239.622642 + 56.603774 before, 1095 + 36.5 after; 13 days of it.
  expect(response.json()).toMatchObject({
    tenderId: tender,
    from: "2026-03-27T23:00:00.000Z",
    to: "2026-04-09T22:00:00.000Z",
    asOf: new Date(NOW).toISOString(),
    participants: 1,
    promisedAnnualSaving: "164.726416",
    promisedToDate: "5.866968",
    energyWh: 12 * 12_000 + 11_500,
    months: [
      { month: "2026-03", energyWh: 47_500 },
      { month: "2026-04", energyWh: 108_000 },
    ],
  });
  const { months, priceEffect, items } = response.json<Savings & { months: Item[] }>();
  const micro = (list: readonly { priceEffect: string }[]) =>
    list.reduce((sum, one) => sum + Math.round(Number(one.priceEffect) * 1e6), 0);
  expect(micro(months)).toBe(micro([{ priceEffect }]));
  expect(micro(items)).toBe(micro([{ priceEffect }]));

  const headers = { "if-none-match": String(response.headers["etag"]) };
  expect((await api.ask("GET", url, { token: world.tokens.manager, headers })).statusCode).toBe(304);
  const csv = await api.ask("GET", url, {
    token: world.tokens.manager,
    headers: { ...headers, accept: "text/csv" },
  });
  expect(csv.body.split("\r\n")[0]).toBe(
    "month,energy_Wh,counterfactualCost,actualCost,priceEffect,currency",
  );
  expect(csv.body.split("\r\n")[1]).toMatch(/^2026-03,47500,/);
});

test("of a tender without an award there is nothing to follow up", async () => {
  await api.pool.query("update tender set state = 'bidding' where id = $1", [tender]);
  const response = await api.ask("GET", `/v1/tenders/${tender}/follow-up`, { token: world.tokens.admin });
  expect(response.json()).toMatchObject({ status: 409, code: "state_forbidden", reason: "not_awarded" });
  await api.pool.query("update tender set state = 'in_force' where id = $1", [tender]);
});

test("a later contract replaces the awarded one, and its own tender's snapshot is what counts after", async () => {
  const again = await awardTender(api.pool, {
    ...AFTER,
    nanoPerKwh: 200_000_000,
    organisationId: world.home.organisation,
    supplierId: world.home.organisation,
    startsOn: "2026-04-06",
    points: [
      {
        supplyPointId: world.home.common,
        buildingId: world.home.building,
        before: { ...AFTER, vat: 0 },
        annualWh: 4_380_000,
      },
    ],
  });
  const savings = await asRole("from=2026-04-05&to=2026-04-08", "manager");
  // One day of 12 kWh: 12 × 0.30 ÷ 1.06 + 60 ÷ 365 ÷ 1.06 − 12 × 0.25 − 0.1; then two of 12 × 0.05.
  expect(savings.items).toMatchObject([
    { tenderId: tender, from: "2026-04-05", to: "2026-04-06", priceEffect: "0.451305" },
    { tenderId: again, from: "2026-04-06", to: "2026-04-08", priceEffect: "1.20" },
  ]);
  expect(savings.priceEffect).toBe("1.651305");
});

describe("households that a manager sees only together", () => {
  const span = "from=2026-04-01&to=2026-04-02";
  let id: string;
  let manager: string;
  const households: string[] = [];
  const create = async (url: string, body: unknown) =>
    createdId(await api.ask("POST", url, { token: world.tokens.admin, body }));

  async function household(): Promise<string> {
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
    await fillDays(await register(api.pool, device, point), 25);
    return point;
  }

  beforeAll(async () => {
    id = await create("/v1/buildings", { ...building, name: "Three" });
    for (let count = 0; count < 3; count++) households.push(await household());
    await create("/v1/users", {
      email: "manager@three.example",
      role: "manager",
      buildingIds: [id],
      password: PASSWORD,
    });
    manager = await api.signIn("manager@three.example");
    await awardTender(api.pool, {
      ...AFTER,
      organisationId: world.home.organisation,
      supplierId: world.home.organisation,
      startsOn: "2026-03-28",
      points: households.map((supplyPointId) => ({
        supplyPointId,
        buildingId: id,
        before: BEFORE,
        annualWh: 876_000,
      })),
    });
  });

  test("three under the contract and nobody else: their sum, no item, no mix", async () => {
    const savings = await ask<Savings>(savingsUrl(span, id), manager);
    // Each 2.4 kWh: 0.679245 + 0.155079 before, 0.6 + 0.1 after.
    expect(savings).toMatchObject({
      energyWh: 7_200,
      counterfactualCost: "2.502972",
      actualCost: "2.10",
      co2Market: null,
      items: [],
      withheld: 0,
    });
  });

  test("a fourth who is not: the difference to the building's load would be his, so nothing is told", async () => {
    await household();
    const load = await ask<{ points: { value: number }[] }>(
      `/v1/buildings/${id}/load?${span}&resolution=day`,
      manager,
    );
    expect(load.points).toMatchObject([{ value: 9_600 }]);
    expect(await ask(savingsUrl(span, id), manager)).toMatchObject({
      energyWh: 0,
      counterfactualCost: "0.00",
      withheld: 3,
    });
    const admin = await api.signIn(ADMIN_EMAIL);
    expect(await ask(savingsUrl(span, id), admin)).toMatchObject({ energyWh: 7_200 });
  });
});
