// Joining a tender: one case per condition, and the whole list at once.
import { expect, test } from "vitest";
import {
  enrolmentOf,
  type EnrollingBuilding,
  type EnrollingPoint,
  type EnrolmentRules,
  type MissingCondition,
} from "./enrolment.ts";

const RULES: EnrolmentRules = {
  carrier: "electricity",
  regions: ["BE-BRU", "FR"],
  currency: "EUR",
  measuredDaysMin: 30,
  staleAfterDays: 7,
  today: "2026-06-15",
};
const POINT: EnrollingPoint = {
  supplyPointId: 5,
  carrier: "electricity",
  direction: "import",
  scope: "common",
  measuredDays: 30,
  lastMeasuredDay: "2026-06-08",
  fedByDevice: true,
  contract: { currency: "EUR" },
  tenderConsent: true,
};
const BUILDING: EnrollingBuilding = { region: "BE-BRU", supplyPoints: [POINT], otherOpenTenderIds: [] };
const withPoint = (change: Partial<EnrollingPoint>): Partial<EnrollingBuilding> => ({
  supplyPoints: [{ ...POINT, ...change }],
});

test("a building that meets every condition exactly may join with its supply points", () => {
  expect(enrolmentOf(BUILDING, RULES)).toEqual({ supplyPointIds: [5], missing: [] });
  expect(enrolmentOf({ ...BUILDING, region: "FR-IDF" }, RULES).missing).toEqual([]);
  expect(enrolmentOf({ ...BUILDING, ...withPoint({ direction: "both" }) }, RULES).missing).toEqual([]);
});

const CASES: readonly (readonly [Partial<EnrollingBuilding>, MissingCondition])[] = [
  [{ region: "BE-WAL" }, { code: "region_not_covered", region: "BE-WAL" }],
  [{ region: "FRA" }, { code: "region_not_covered", region: "FRA" }],
  [{ otherOpenTenderIds: [3] }, { code: "in_other_tender", tenderId: 3 }],
  [{ supplyPoints: [] }, { code: "supply_point_missing" }],
  [withPoint({ carrier: "gas" }), { code: "supply_point_missing" }],
  [withPoint({ direction: "export" }), { code: "supply_point_missing" }],
  [withPoint({ scope: "private", tenderConsent: false }), { code: "supply_point_missing" }],
  [withPoint({ tenderConsent: false }), { code: "consent_missing", supplyPointId: 5 }],
  [withPoint({ contract: null }), { code: "contract_missing", supplyPointId: 5 }],
  [
    withPoint({ contract: { currency: "CHF" } }),
    { code: "contract_currency_other", supplyPointId: 5, currency: "CHF" },
  ],
  [
    withPoint({ measuredDays: 29 }),
    { code: "profile_too_short", supplyPointId: 5, measuredDays: 29, neededDays: 30 },
  ],
  [
    withPoint({ measuredDays: 0, lastMeasuredDay: null }),
    { code: "profile_too_short", supplyPointId: 5, measuredDays: 0, neededDays: 30 },
  ],
  [
    withPoint({ lastMeasuredDay: "2026-06-07" }),
    { code: "profile_stale", supplyPointId: 5, lastMeasuredDay: "2026-06-07" },
  ],
];

test.each(CASES)("with %j, %j is told and nothing else", (change, condition) => {
  expect(enrolmentOf({ ...BUILDING, ...change }, RULES).missing).toEqual([condition]);
});

test("a private supply point without consent stays out and hinders nobody; with consent it takes part", () => {
  const shy = { ...POINT, supplyPointId: 6, scope: "private", tenderConsent: false, contract: null } as const;
  const willing = { ...POINT, supplyPointId: 4, scope: "private" } as const;
  const building = { ...BUILDING, supplyPoints: [POINT, shy, willing] };
  expect(enrolmentOf(building, RULES)).toEqual({ supplyPointIds: [4, 5], missing: [] });
});

test("history without a device is never too old", () => {
  const old = withPoint({ lastMeasuredDay: "2016-12-31", fedByDevice: false });
  expect(enrolmentOf({ ...BUILDING, ...old }, RULES).missing).toEqual([]);
});

test("all that is missing is told at once, supply point by supply point", () => {
  const bare = { ...POINT, tenderConsent: false, contract: null, measuredDays: 1 } as const;
  const building = {
    region: "IT",
    supplyPoints: [{ ...bare, supplyPointId: 9 }, bare],
    otherOpenTenderIds: [1, 2],
  };
  expect(enrolmentOf(building, RULES).missing.map((one) => one.code)).toEqual([
    "region_not_covered",
    "in_other_tender",
    "in_other_tender",
    "consent_missing",
    "contract_missing",
    "profile_too_short",
    "consent_missing",
    "contract_missing",
    "profile_too_short",
  ]);
});
