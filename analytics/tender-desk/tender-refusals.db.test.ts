// Every bad input of a tender, on a real database: each has its code, and nothing of it happens.
import { afterAll, beforeAll, expect, test } from "vitest";
import { DAY_MS } from "#devices/time";
import { findTender, listBids, type Scope } from "#store";
import { freshDatabase, type FreshDatabase } from "#testing";
import { awardTender } from "./award-tender.ts";
import { createTender } from "./create-tender.ts";
import type { BidInput } from "./desk.ts";
import { evaluationOf } from "./evaluation-view.ts";
import { cancelTender, openTender } from "./open-tender.ts";
import { participantsOf } from "./participants-view.ts";
import { publishTender } from "./publish-tender.ts";
import { revisionOf } from "./revision-view.ts";
import { submitBid } from "./submit-bid.ts";
import { joinTender, leaveTender, withdrawFromTender } from "./take-part.ts";
import {
  BID,
  CALL,
  consent,
  DEADLINE_MS,
  NOW_MS,
  testTender,
  withdrawConsent,
  type TestBuilding,
  type TestTender,
} from "./test-tender.ts";

let database: FreshDatabase;
let world: TestTender;
let supplier: Scope;
let rival: Scope;

beforeAll(async () => {
  database = await freshDatabase();
  world = await testTender(database.url);
  supplier = await world.supplier("Power");
  rival = await world.supplier("Rival");
});
afterAll(async () => {
  await world.pool.end();
  await database.drop();
});

/** Each test has an organisation of buildings of its own, or they would meet in the gate. */
async function houses(count: number, factor = 1): Promise<TestBuilding[]> {
  const all: TestBuilding[] = [];
  for (let index = 0; index < count; index++) all.push(await world.building({ factor }));
  return all;
}

function first<T>(items: readonly T[]): T {
  const [one] = items;
  if (one === undefined) throw new Error("nothing is there");
  return one;
}

async function enrolling(): Promise<number> {
  world.clock.nowMs = NOW_MS;
  return (await createTender(world.desk, world.coordinator, CALL)).id;
}

const stateOf = async (id: number) => (await findTender(world.pool, world.coordinator, id))?.state;

test("a call of two countries, an unknown one, below the installation's cohort, or whose deadline is over", async () => {
  const refused = { code: "request_invalid" };
  const { desk, coordinator } = world;
  world.clock.nowMs = NOW_MS;
  const create = (change: Partial<typeof CALL>) => createTender(desk, coordinator, { ...CALL, ...change });
  await expect(create({ regions: ["BE-BRU", "FR"] })).rejects.toMatchObject(refused);
  await expect(create({ regions: ["US"] })).rejects.toMatchObject(refused);
  await expect(create({ minimumCohort: 2 })).rejects.toMatchObject(refused);
  await expect(create({ bidDeadlineMs: NOW_MS })).rejects.toMatchObject(refused);
});

test("what a role may not, and what a stranger may not know of", async () => {
  const { desk, coordinator } = world;
  const id = await enrolling();
  const house = await world.building();
  const elsewhere = await world.account("coordinator", await world.organisation("coordinator"));
  await expect(createTender(desk, house.manager, CALL)).rejects.toMatchObject({ code: "forbidden" });
  await expect(publishTender(desk, house.manager, id)).rejects.toMatchObject({ code: "forbidden" });
  await expect(submitBid(desk, coordinator, id, BID)).rejects.toMatchObject({ code: "forbidden" });
  const notFound = { code: "not_found" };
  await expect(publishTender(desk, elsewhere, id)).rejects.toMatchObject(notFound);
  await expect(cancelTender(desk, elsewhere, id, "no")).rejects.toMatchObject(notFound);
  await expect(participantsOf(desk, elsewhere, id)).rejects.toMatchObject(notFound);
  await expect(joinTender(desk, elsewhere, id, house.id)).rejects.toMatchObject(notFound);
  await expect(submitBid(desk, supplier, id, BID)).rejects.toMatchObject(notFound);
  const neighbour = await world.building();
  await expect(joinTender(desk, neighbour.manager, id, house.id)).rejects.toMatchObject(notFound);
  const foreign = await world.building({ organisationId: elsewhere.organisationId });
  const admin = await world.account("admin", elsewhere.organisationId);
  await expect(joinTender(desk, admin, id, foreign.id)).rejects.toMatchObject(notFound);
});

test.each([
  ["consent_missing", { consent: false }, ["consent_missing"]],
  ["conditions_missing", { contract: false }, ["contract_missing"]],
  ["conditions_missing", { currency: "CHF" }, ["contract_currency_other"]],
  ["conditions_missing", { region: "FR" }, ["region_not_covered"]],
  ["conditions_missing", { firstDay: "2026-10-22" }, ["profile_too_short"]],
  ["conditions_missing", { lastDay: "2026-10-13" }, ["profile_stale"]],
  ["consent_missing", { consent: false, contract: false }, ["consent_missing", "contract_missing"]],
] as const)("joining is refused with %s for %j", async (code, options, missing) => {
  const id = await enrolling();
  const house = await world.building(options);
  const refusal = await joinTender(world.desk, house.manager, id, house.id).catch((error: unknown) => error);
  expect(refusal).toMatchObject({ code, extra: { missing: missing.map((one) => ({ code: one })) } });
  expect((await findTender(world.pool, world.coordinator, id))?.participants).toBe(0);
});

test("a building is in one tender of a carrier, also when it joins two at the same moment", async () => {
  const { desk } = world;
  const [one, other] = [await enrolling(), await enrolling()];
  const house = await world.building();
  await joinTender(desk, house.manager, one, house.id);
  await expect(joinTender(desk, house.manager, other, house.id)).rejects.toMatchObject({
    code: "conditions_missing",
    extra: { missing: [{ code: "in_other_tender", tenderId: String(one) }] },
  });
  await expect(joinTender(desk, house.manager, one, house.id)).rejects.toMatchObject({
    code: "already_exists",
  });
  await leaveTender(desk, house.manager, one, house.id);
  await expect(leaveTender(desk, house.manager, one, house.id)).rejects.toMatchObject({ code: "not_found" });

  const racing = await world.building();
  const results = await Promise.allSettled(
    [one, other, one, other].map((id) => joinTender(desk, racing.manager, id, racing.id)),
  );
  expect(results.filter((result) => result.status === "fulfilled")).toHaveLength(1);
  for (const result of results) {
    if (result.status === "fulfilled") continue;
    expect(["conditions_missing", "already_exists"]).toContain(
      (result.reason as { code?: unknown } | null)?.code,
    );
  }
});

test("too few, a pending profile, a consent withdrawn: nothing is published, and who lacks what is told", async () => {
  const { desk, coordinator, pool } = world;
  const id = await enrolling();
  const [one, two, three] = await houses(3);
  if (one === undefined || two === undefined || three === undefined) throw new Error("three houses");
  for (const house of [one, two]) await joinTender(desk, house.manager, id, house.id);
  await expect(publishTender(desk, coordinator, id)).rejects.toMatchObject({
    code: "cohort_too_small",
    extra: { scope: "publication", month: null, buildingIds: [String(one.id), String(two.id)] },
  });
  await joinTender(desk, three.manager, id, three.id);
  await pool.query("insert into journal (register_ids, days) values ($1, $2)", [
    [one.registerId, two.registerId],
    ["2026-10-31", "2026-11-19"],
  ]);
  const pending = { code: "profile_pending", supplyPointId: one.supplyPointId };
  await expect(publishTender(desk, coordinator, id)).rejects.toMatchObject({
    code: "conditions_missing",
    extra: {
      participants: [
        { buildingId: String(one.id), missing: [{ ...pending, supplyPointId: String(one.supplyPointId) }] },
      ],
    },
  });
  expect((await participantsOf(desk, coordinator, id)).flatMap((house) => house.missing)).toEqual([pending]);
  await pool.query("delete from journal");
  await withdrawConsent(pool, two.supplyPointId);
  await expect(publishTender(desk, coordinator, id)).rejects.toMatchObject({
    extra: { participants: [{ buildingId: String(two.id), missing: [{ code: "consent_missing" }] }] },
  });
  expect(await stateOf(id)).toBe("enrolling");
  const { rows } = await pool.query("select 1 from tender_supply_point where tender_id = $1", [id]);
  expect(rows).toEqual([]);
  await consent(pool, two.supplyPointId, two.manager.accountId);
});

test("a profile that went stale since, and one that has nothing in the common year", async () => {
  const { desk, coordinator } = world;
  const id = await enrolling();
  const ended = { lastDay: "2026-10-16" };
  const all = [await world.building(ended), await world.building(ended), await world.building(ended)];
  for (const house of all) await joinTender(desk, house.manager, id, house.id);
  const young = await world.building({ firstDay: "2026-10-05", lastDay: "2026-11-18" });
  await joinTender(desk, young.manager, id, young.id);
  await expect(publishTender(desk, coordinator, id)).rejects.toMatchObject({
    code: "conditions_missing",
    extra: {
      participants: [
        {
          buildingId: String(young.id),
          missing: [{ code: "profile_too_short", measuredDays: 0, neededDays: 1 }],
        },
      ],
    },
  });
  world.clock.nowMs = NOW_MS + DAY_MS;
  const later = { ...coordinator, atMs: world.clock.nowMs };
  await expect(publishTender(desk, later, id)).rejects.toMatchObject({
    code: "conditions_missing",
    extra: {
      participants: all.map(({ id: buildingId }) => ({
        buildingId: String(buildingId),
        missing: [{ code: "profile_stale" }],
      })),
    },
  });
  world.clock.nowMs = NOW_MS;
});

test("after its deadline a tender is not published: nobody could bid any more", async () => {
  const { desk, coordinator } = world;
  const id = await enrolling();
  for (const house of await houses(3)) await joinTender(desk, house.manager, id, house.id);
  world.clock.nowMs = NOW_MS + 2 * DAY_MS;
  const later = { ...coordinator, atMs: world.clock.nowMs };
  await expect(publishTender(desk, later, id)).rejects.toMatchObject({
    code: "state_forbidden",
    extra: { reason: "deadline_passed" },
  });
  expect(await stateOf(id)).toBe("enrolling");
  world.clock.nowMs = NOW_MS;
});

test("a contract that begins within the term keeps a building out before anybody relies on it", async () => {
  const { desk, pool, coordinator } = world;
  const id = await enrolling();
  const [house] = await houses(1);
  if (house === undefined) throw new Error("no house");
  await pool.query(
    `insert into contract
      (supply_point_id, supplier, price_nano_per_kwh, annual_fee_micro, currency, vat, starts_on, notice_days)
     values ($1, 'Later', 200000000, 0, 'EUR', 'excluded', '2027-03-01', 30)`,
    [house.supplyPointId],
  );
  await expect(joinTender(desk, coordinator, id, house.id)).rejects.toMatchObject({
    code: "conditions_missing",
    extra: { missing: [{ code: "contract_follows", supplyPointId: String(house.supplyPointId) }] },
  });
});

test("one building that is more than half of the group is not published", async () => {
  const { desk, coordinator } = world;
  const id = await enrolling();
  const giant = await world.building({ factor: 20 });
  for (const house of [giant, ...(await houses(2))]) await joinTender(desk, house.manager, id, house.id);
  await expect(publishTender(desk, coordinator, id)).rejects.toMatchObject({
    code: "dominant_participant",
    extra: { scope: "publication", buildingIds: [String(giant.id)] },
  });
});

test("a second tender on the same months whose difference is one building is refused, a whole new group is not", async () => {
  const { desk, coordinator } = world;
  world.clock.nowMs = NOW_MS;
  const group = await houses(4);
  const earlier = await world.published(group.slice(0, 3));
  await cancelTender(desk, coordinator, earlier.id, "another try");
  const last = group[3];
  await expect(world.published(group)).rejects.toMatchObject({
    code: "cohort_too_small",
    extra: { scope: "difference", buildingIds: [String(last?.id)] },
  });
  expect((await world.published(await houses(3))).state).toBe("bidding");
});

const REFUSED_BIDS: readonly (readonly [string, Partial<BidInput>])[] = [
  ["bid_lot_unknown", { lotId: 2 }],
  ["bid_currency_other", { currency: "CHF" }],
  ["bid_vat_included", { vat: "included" }],
  ["bid_price_negative", { priceNanoPerKwh: -1n }],
  ["bid_price_absurd", { priceNanoPerKwh: 20_000_000_000n }],
  ["bid_price_absurd", { priceNanoPerKwh: 0n }],
  ["bid_fee_negative", { annualFeeMicro: -1n }],
  ["bid_fee_absurd", { annualFeeMicro: 10n ** 15n }],
  ["bid_term_other", { termMonths: 24 }],
  ["bid_green_share_impossible", { greenMillionths: 1_000_001 }],
  ["bid_validity_too_short", { validUntilMs: DEADLINE_MS - 1 }],
];

test("bids: each rule, the deadline by our clock, the supplier's last one, an expired one, another's", async () => {
  const { desk, coordinator, pool } = world;
  world.clock.nowMs = NOW_MS;
  const group = await houses(4);
  const { id } = await world.published(group);
  for (const [reason, change] of REFUSED_BIDS) {
    await expect(submitBid(desk, supplier, id, { ...BID, ...change })).rejects.toMatchObject({
      code: "bid_refused",
      extra: { reasons: [reason] },
    });
  }
  expect(await listBids(pool, supplier, id)).toEqual([]);
  const early = await submitBid(desk, supplier, id, { ...BID, priceNanoPerKwh: 100_000_000n });
  world.clock.nowMs = DEADLINE_MS - 1;
  const counting = await submitBid(desk, supplier, id, BID);
  const validUntilMs = DEADLINE_MS + DAY_MS;
  const expiring = await submitBid(desk, rival, id, { ...BID, validUntilMs, priceNanoPerKwh: 150_000_000n });
  world.clock.nowMs = DEADLINE_MS;
  const late = { code: "state_forbidden", extra: { reason: "bid_too_late" } };
  await expect(submitBid(desk, supplier, id, BID)).rejects.toMatchObject(late);
  await openTender(desk, coordinator, id);
  await expect(submitBid(desk, supplier, id, BID)).rejects.toMatchObject({
    extra: { reason: "bidding_closed" },
  });

  const { bids } = await evaluationOf(desk, coordinator, id);
  expect(bids.map((one) => one.bid.id)).toEqual([expiring.id, counting.id]);
  expect((await evaluationOf(desk, supplier, id)).bids.map((one) => one.bid.id)).toEqual([counting.id]);
  const award = (bidId: number) => awardTender(desk, coordinator, id, { bidId, reason: undefined });
  await expect(award(early.id)).rejects.toMatchObject({ extra: { reason: "bid_not_counting" } });
  world.clock.nowMs = validUntilMs;
  await expect(award(expiring.id)).rejects.toMatchObject({
    code: "state_forbidden",
    extra: { reason: "bid_expired" },
  });
  const newly = first(group);
  await pool.query(
    `insert into contract (supply_point_id, supplier, price_nano_per_kwh, annual_fee_micro, currency, vat, starts_on,
      notice_days) values ($1, 'Newer Power', 1, 0, 'EUR', 'excluded', '2027-03-01', 30)`,
    [newly.supplyPointId],
  );
  await expect(award(counting.id)).rejects.toMatchObject({
    extra: { reason: "contract_conflict", supplyPointIds: [String(newly.supplyPointId)] },
  });
  expect(await stateOf(id)).toBe("evaluated");
});

test("a withdrawal is never refused: it is evaluated again, and below the minimum nothing is awarded", async () => {
  const { desk, coordinator, pool } = world;
  world.clock.nowMs = NOW_MS;
  const group = await houses(4);
  const { id } = await world.published(group);
  const bid = await submitBid(desk, supplier, id, BID);
  const leaver = first(group);
  const withdraw = (house: TestBuilding, reason: string) =>
    withdrawFromTender(desk, house.manager, id, house.id, reason);
  await expect(withdraw(leaver, " ")).rejects.toMatchObject({ extra: { reason: "reason_missing" } });
  world.clock.nowMs = DEADLINE_MS;
  await openTender(desk, coordinator, id);
  const before = await evaluationOf(desk, supplier, id);
  expect(await withdraw(leaver, "sold")).toMatchObject({ state: "evaluated", participants: 3 });
  const after = await evaluationOf(desk, coordinator, id);
  expect(after).toMatchObject({ participants: 3, bids: [{ result: { winners: 3 } }] });
  expect(after.annualWh).toBeLessThan(before.annualWh);
  // Before and after, side by side, would tell the supplier what the leaver uses in a year.
  const { annualWh, bids } = await evaluationOf(desk, supplier, id);
  expect({ annualWh, bids }).toEqual({ annualWh: before.annualWh, bids: before.bids });
  expect(await revisionOf(desk, supplier, id)).toMatchObject({ presentWh: null, revisedShare: null });

  await withdrawConsent(pool, group[1]?.supplyPointId ?? 0);
  await expect(
    awardTender(desk, coordinator, id, { bidId: bid.id, reason: undefined }),
  ).rejects.toMatchObject({ code: "cohort_too_small", extra: { scope: "award" } });
  expect(await stateOf(id)).toBe("evaluated");
  expect((await cancelTender(desk, coordinator, id, "too few are left")).state).toBe("cancelled");
  await expect(openTender(desk, coordinator, id)).rejects.toMatchObject({
    extra: { reason: "tender_cancelled" },
  });
});
