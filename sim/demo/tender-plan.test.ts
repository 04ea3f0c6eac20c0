// The demo's tender shows what a tender can show, whenever it is registered: it may be published, somebody wins, somebody loses.
import { expect, test } from "vitest";
import { DAY_MS } from "#devices/time";
import { DEMO_SITES } from "../portfolio/demo-sites.ts";
import { createSite } from "../portfolio/site.ts";
import { DEMO_SEED } from "./portfolio.ts";
import { AWARDED_TENDER, DEMO_BIDS, OPEN_TENDER } from "./tender-plan.ts";

const FIRST = { year: 2026, month: 0 };
const MONTHS = 12;
const monthStartMs = (month: number) => Date.UTC(FIRST.year, FIRST.month + month, 1);

const participants = DEMO_SITES.filter(({ key }) => AWARDED_TENDER.buildings.includes(key)).map((plan) => {
  const site = createSite(plan, {
    seed: DEMO_SEED,
    firstDay: monthStartMs(0) / DAY_MS,
    contractStart: "2026-01-01",
  });
  const point = site.supplyPoints.find(({ key }) => key === "electricity");
  if (point?.contract === undefined) throw new Error(`${plan.name} has no contract`);
  const monthsWh = Array.from(
    { length: MONTHS },
    (_, month) =>
      point.indexAt("import", monthStartMs(month + 1)) - point.indexAt("import", monthStartMs(month)),
  );
  return { contract: point.contract, consents: point.consents, monthsWh };
});

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const costOf = (tariff: { pricePerKwh: string; annualFee: string }, monthsWh: readonly number[]) =>
  (sum(monthsWh) / 1000) * Number(tariff.pricePerKwh) + Number(tariff.annualFee);

test("every building of both tenders consents, and no month is half of one building", () => {
  expect(participants).toHaveLength(AWARDED_TENDER.buildings.length);
  expect(participants.every(({ consents }) => consents.includes("tender"))).toBe(true);
  for (let month = 0; month < MONTHS; month++) {
    const used = participants.map(({ monthsWh }) => monthsWh[month] ?? 0);
    expect(Math.max(...used) / sum(used)).toBeLessThan(0.45);
  }
});

test("the cheapest bid has neither the lowest price nor the lowest fee, saves, and some buildings would lose by it", () => {
  const offers = DEMO_BIDS.map((bid) => ({
    bid,
    costs: participants.map(({ monthsWh }) => costOf(bid, monthsWh)),
  })).toSorted((a, b) => sum(a.costs) - sum(b.costs));
  const [best] = offers;
  const now = participants.map(({ contract, monthsWh }) => costOf(contract, monthsWh));
  expect(best?.bid.account).toBe("supplier-stroomland");
  expect(sum(now) - sum(best?.costs ?? [])).toBeGreaterThan(500);
  const losers = now.filter((cost, at) => cost < (best?.costs[at] ?? 0)).length;
  expect(losers).toBeGreaterThanOrEqual(2);
  expect(losers).toBeLessThan(participants.length / 3);
  expect(DEMO_BIDS.some(({ pricePerKwh }) => pricePerKwh < (best?.bid.pricePerKwh ?? ""))).toBe(true);
  expect(DEMO_BIDS.some(({ annualFee }) => Number(annualFee) < Number(best?.bid.annualFee))).toBe(true);
});

test("of the buildings in Belgium some could join the open tender and have not, and one has not decided", () => {
  const outside = DEMO_SITES.filter(
    ({ key, country }) => country === "BE" && !OPEN_TENDER.buildings.includes(key),
  );
  expect(outside.length).toBeGreaterThan(3);
  expect(outside.filter(({ undecided }) => undecided === true)).toHaveLength(1);
  const known = new Set(DEMO_SITES.map(({ key }) => key));
  for (const key of [...OPEN_TENDER.buildings, ...AWARDED_TENDER.buildings]) expect(known).toContain(key);
});
