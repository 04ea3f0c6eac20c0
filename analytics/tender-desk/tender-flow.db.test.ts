// A tender from draft to in force, on a real database, with what each of the three people is shown on the way.
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  findDossier,
  findTender,
  knowledgeOf,
  listAwardedPoints,
  listBids,
  listTenderEvents,
  listTenders,
  type Scope,
} from "#store";
import { freshDatabase, type FreshDatabase } from "#testing";
import { verifyLog } from "../tender/log.ts";
import { advanceTenders } from "./advance-tenders.ts";
import { awardTender } from "./award-tender.ts";
import { tendersOfBuilding } from "./building-view.ts";
import { createTender } from "./create-tender.ts";
import { evaluationOf } from "./evaluation-view.ts";
import { openTender } from "./open-tender.ts";
import { participantsOf } from "./participants-view.ts";
import { publishTender } from "./publish-tender.ts";
import { revisionOf } from "./revision-view.ts";
import { receiptOf, submitBid } from "./submit-bid.ts";
import { enrolTender, joinTender, leaveTender } from "./take-part.ts";
import { BID, CALL, DEADLINE_MS, testTender, type TestBuilding, type TestTender } from "./test-tender.ts";

const PAGE = { limit: 100, after: 0 };

let database: FreshDatabase;
let world: TestTender;
let buildings: TestBuilding[];
let cheap: Scope;
let dear: Scope;
let id: number;

beforeAll(async () => {
  database = await freshDatabase();
  world = await testTender(database.url, 10);
  buildings = [];
  for (let index = 0; index < 12; index++) buildings.push(await world.building());
  cheap = await world.supplier("Cheap Power");
  dear = await world.supplier("Dear Power");
});
afterAll(async () => {
  await world.pool.end();
  await database.drop();
});

const building = (index: number): TestBuilding => {
  const one = buildings[index];
  if (one === undefined) throw new Error(`no building ${index}`);
  return one;
};

test("a draft is its organisation's own; with the enrolment others see it, suppliers not", async () => {
  const { desk, pool, coordinator } = world;
  const draft = await createTender(desk, coordinator, { ...CALL, draft: true });
  id = draft.id;
  expect(draft).toMatchObject({
    state: "draft",
    timezone: "Europe/Brussels",
    minimumCohort: 10,
    participants: 0,
    logHead: null,
  });
  expect(await knowledgeOf(pool, building(0).manager, "tender", id)).toBe("unknown");
  expect(await tendersOfBuilding(desk, building(0).manager, building(0).id)).toEqual([]);
  expect((await enrolTender(desk, coordinator, id)).state).toBe("enrolling");
  expect(await knowledgeOf(pool, building(0).manager, "tender", id)).toBe("measured");
  expect(await knowledgeOf(pool, cheap, "tender", id)).toBe("unknown");
  expect(await tendersOfBuilding(desk, building(0).manager, building(0).id)).toMatchObject([
    { joined: false, mayJoin: true, mayLeave: false, supplyPoints: 1, missing: [], offeredCostMicro: null },
  ]);
});

test("twelve buildings join, one leaves and comes back", async () => {
  const { desk } = world;
  for (const one of buildings) await joinTender(desk, one.manager, id, one.id);
  expect((await leaveTender(desk, building(3).manager, id, building(3).id)).participants).toBe(11);
  world.clock.nowMs += 1000;
  expect((await joinTender(desk, building(3).manager, id, building(3).id)).participants).toBe(12);
  expect(await tendersOfBuilding(desk, building(3).manager, building(3).id)).toMatchObject([
    { joined: true, mayJoin: false, mayLeave: true, mayWithdraw: false },
  ]);
  const seen = await participantsOf(desk, world.coordinator, id);
  expect(seen).toHaveLength(13);
  expect(seen.every((one) => one.missing.length === 0)).toBe(true);
  expect(await participantsOf(desk, building(0).manager, id)).toHaveLength(1);
});

test("publication freezes twelve whole months and begins the bidding", async () => {
  const { desk, pool } = world;
  const published = await publishTender(desk, world.coordinator, id);
  expect(published).toMatchObject({
    state: "bidding",
    participants: 12,
    publishedAt: new Date(world.clock.nowMs),
  });
  const dossier = await findDossier(pool, cheap, id);
  const shown: unknown = JSON.parse(dossier?.text ?? "null");
  expect(shown).toMatchObject({
    hash: published.dossierHash,
    lots: [
      {
        carrier: "electricity",
        from: "2025-11-01",
        to: "2026-11-01",
        participants: 12,
        supplyPoints: [{ gridOperator: "Fluvius", kind: "common", count: 12 }],
        basisDays: 365,
        extrapolated: false,
        quality: { measured: 1, estimated: 0, missing: 0 },
      },
    ],
  });
  expect(await knowledgeOf(pool, cheap, "tender", id)).toBe("measured");
});

test("bids lie sealed: their supplier sees his own, nobody anything else, the log of others ends before them", async () => {
  const { desk, pool, coordinator } = world;
  const first = await submitBid(desk, cheap, id, { ...BID, priceNanoPerKwh: 250_000_000n });
  const receipt = await submitBid(desk, cheap, id, BID);
  await submitBid(desk, dear, id, { ...BID, priceNanoPerKwh: 290_000_000n });
  expect(receipt).toMatchObject({ counts: true, supplier: "Cheap Power" });
  expect(receipt.receipt).toBe(receiptOf(receipt));
  expect(receipt.receipt).not.toBe(first.receipt);
  expect((await listBids(pool, cheap, id)).map((bid) => bid.id)).toEqual([first.id, receipt.id]);
  for (const scope of [coordinator, building(0).manager]) expect(await listBids(pool, scope, id)).toEqual([]);
  expect((await findTender(pool, coordinator, id))?.bidders).toBe(2);

  const whole = await listTenderEvents(pool, coordinator, id);
  expect(verifyLog(id, whole, receipt.logHead)).toMatchObject({ intact: true, state: "bidding" });
  const beginning = await listTenderEvents(pool, cheap, id);
  expect(whole.length - beginning.length).toBe(3);
  expect(verifyLog(id, beginning)).toMatchObject({ intact: true });
  await expect(evaluationOf(desk, coordinator, id)).rejects.toMatchObject({
    code: "state_forbidden",
    extra: { reason: "not_opened" },
  });
});

test("at the deadline the bids are opened and ranked; each viewer sees his part", async () => {
  const { desk, pool, coordinator } = world;
  await expect(openTender(desk, coordinator, id)).rejects.toMatchObject({
    extra: { reason: "deadline_not_reached" },
  });
  world.clock.nowMs = DEADLINE_MS;
  expect((await openTender(desk, coordinator, id)).state).toBe("evaluated");

  const all = await evaluationOf(desk, coordinator, id);
  expect(all.bids.map((one) => [one.bid.supplier, one.result.rank])).toEqual([
    ["Cheap Power", 1],
    ["Dear Power", 2],
  ]);
  const [best] = all.bids;
  expect(best?.result.points).toHaveLength(12);
  const costs = best?.result.points.reduce((sum, point) => sum + point.offeredCostMicro, 0n);
  expect(best?.result.annualCostMicro).toBe(costs);
  expect(best?.result).toMatchObject({ winners: 12, losers: 0 });

  const managers = await evaluationOf(desk, building(5).manager, id);
  expect(managers.bids.map((one) => one.result.points.map((point) => point.participantId))).toEqual([
    [building(5).id],
    [building(5).id],
  ]);
  expect(managers.bids[0]?.result.annualCostMicro).toBe(best?.result.annualCostMicro);
  const rival = await evaluationOf(desk, dear, id);
  expect(rival.bids).toMatchObject([{ bid: { supplier: "Dear Power" }, result: { rank: 2, points: [] } }]);
  expect((await listBids(pool, dear, id)).map((bid) => bid.supplier)).toEqual(["Dear Power"]);
  expect(await tendersOfBuilding(desk, building(5).manager, building(5).id)).toMatchObject([
    {
      mayWithdraw: true,
      annualWh: best?.result.points.find((point) => point.participantId === building(5).id)?.annualWh,
      offeredCostMicro: managers.bids[0]?.result.points[0]?.offeredCostMicro,
    },
  ]);
});

test("the award writes a contract for each supply point and ends the old one; the winner is told where", async () => {
  const { desk, pool, coordinator } = world;
  const bidId = (await listBids(pool, cheap, id)).at(-1)?.id ?? 0;
  const awarded = await awardTender(desk, coordinator, id, { bidId, reason: "the cheapest" });
  expect(awarded).toMatchObject({
    state: "awarded",
    award: { supplier: "Cheap Power", priceNanoPerKwh: BID.priceNanoPerKwh, reason: "the cheapest" },
  });
  const { rows } = await pool.query(
    `select supplier, starts_on, ends_on, vat, tender_id, green_millionths from contract
    where supply_point_id = $1 order by starts_on`,
    [building(0).supplyPointId],
  );
  expect(rows).toEqual([
    expect.objectContaining({
      supplier: "Old Power",
      starts_on: "2024-01-01",
      ends_on: "2027-01-01",
      tender_id: null,
    }),
    {
      supplier: "Cheap Power",
      starts_on: "2027-01-01",
      ends_on: "2028-01-01",
      vat: "excluded",
      tender_id: id,
      green_millionths: 500_000,
    },
  ]);
  expect(await listAwardedPoints(pool, cheap, id)).toHaveLength(12);
  expect(await listAwardedPoints(pool, coordinator, id)).toHaveLength(12);
  expect(await listAwardedPoints(pool, dear, id)).toEqual([]);
  expect(await listAwardedPoints(pool, building(0).manager, id)).toEqual([]);
  expect((await findTender(pool, dear, id))?.award).toBeNull();
});

test("with the delivery it is in force, once, and its buildings are free for the next tender", async () => {
  const { desk, pool, coordinator } = world;
  expect(await advanceTenders(desk)).toBe(0);
  // Midnight in Brussels.
  world.clock.nowMs = Date.parse("2026-12-31T23:00:00Z");
  expect(await Promise.all([advanceTenders(desk), advanceTenders(desk)])).toContain(1);
  expect((await findTender(pool, coordinator, id))?.state).toBe("in_force");
  const log = await listTenderEvents(pool, coordinator, id);
  expect(verifyLog(id, log)).toMatchObject({ intact: true, state: "in_force" });
  expect(JSON.parse(log.at(-1)?.text ?? "")).toMatchObject({ event: "enter_into_force", by: null });
  const { rows } = await pool.query(
    "select count(*)::integer as active from tender_participant where active",
  );
  expect(rows).toEqual([{ active: 0 }]);
  const listed = await listTenders(pool, coordinator, PAGE, { state: "in_force" });
  expect(listed.items.map((tender) => tender.id)).toEqual([id]);
});

test("nothing was corrected: the dossier is not revised", async () => {
  expect(await revisionOf(world.desk, cheap, id)).toMatchObject({ presentWh: null, revisedShare: 0 });
  const revision = await revisionOf(world.desk, world.coordinator, id);
  expect(revision).toMatchObject({ presentWh: revision.publishedWh, revisedShare: 0 });
});
