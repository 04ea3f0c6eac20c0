// A tender from call to contracts over HTTP, as a coordinator, two managers, a resident and three suppliers.
import { afterAll, beforeAll, expect, test } from "vitest";
import { verifyLog, type LogEntry } from "#analytics";
import {
  AFTER_DEADLINE_MS,
  BIDS,
  CALL,
  COMMON_WH,
  PRESENT,
  PRIVATE_WH,
  QUARTERS_OF_YEAR,
  tenderWorld,
  type TenderWorld,
} from "./test-tender.ts";

let world: TenderWorld;
beforeAll(async () => {
  world = await tenderWorld();
});
afterAll(() => world.stop());

type Log = { items: LogEntry[]; genesis: string; head: string; intact: boolean };
type Offer = { pricePerKwh: string; annualFee: string };

/** By hand: kilowatt-hours are whole here, so that micro-euro come out exactly. */
function costMicro({ pricePerKwh, annualFee }: Offer, quarterWh: number): bigint {
  const nano = BigInt(pricePerKwh.replace(".", "").padEnd(10, "0"));
  const fee = BigInt(annualFee.replace(".", "")) * 10_000n;
  const product = nano * BigInt(quarterWh * QUARTERS_OF_YEAR);
  return (product + 500_000n) / 1_000_000n + fee;
}
const QUARTERS_WH = [COMMON_WH, PRIVATE_WH, COMMON_WH + 20, COMMON_WH + 40, COMMON_WH + 60];
const sumMicro = (offer: Offer) => QUARTERS_WH.reduce((sum, wh) => sum + costMicro(offer, wh), 0n);
const money = (micro: bigint) => {
  const [whole, fraction = ""] = (Number(micro) / 1e6).toFixed(6).split(".");
  return `${whole}.${fraction.replace(/0+$/, "").padEnd(2, "0")}`;
};

test("a call becomes contracts, step by step", async () => {
  const { get, post, buildings, clock } = world;

  // The coordinator drafts: nobody else knows.
  const drafted = await post("coordinator", "/v1/tenders", { ...CALL, draft: true });
  expect(drafted.statusCode, drafted.body).toBe(201);
  expect(drafted.json()).toMatchObject({
    state: "draft",
    ...CALL,
    currency: "EUR",
    timezone: "Europe/Brussels",
    organisation: "Coordination Bruxelles",
    participants: 0,
    sealedBids: 0,
    dossierHash: null,
    award: null,
  });
  const { id } = drafted.json<{ id: string }>();
  const at = `/v1/tenders/${id}`;
  for (const who of ["manager", "resident", "cheap", "strangeCoordinator"] as const) {
    expect((await get(who, at)).statusCode, who).toBe(404);
  }

  // Enrolment: managers see it, and what their building needs.
  expect((await post("coordinator", `${at}/enrol`)).json()).toMatchObject({ state: "enrolling" });
  const card = await get("manager", `/v1/buildings/${buildings[0]}/tenders`);
  expect(card.json()).toMatchObject({
    items: [{ tender: { id, sealedBids: null }, joined: false, mayJoin: true, missing: [] }],
    nextCursor: null,
  });
  expect((await get("cheap", at)).statusCode, "a supplier sees what is published").toBe(404);
  for (const [index, buildingId] of buildings.entries()) {
    const joined = await post(index < 2 ? "manager" : "otherManager", `${at}/join`, { buildingId });
    expect(joined.json(), joined.body).toMatchObject({ participants: index + 1, state: "enrolling" });
  }
  const participants = await get("coordinator", `${at}/participants`);
  expect(participants.json<{ items: unknown[] }>().items).toHaveLength(4);
  expect(participants.json()).toMatchObject({
    items: [
      { buildingId: buildings[0], building: "Bloc 0", region: "BE-BRU", supplyPoints: 2, missing: [] },
      { supplyPoints: 1 },
      { supplyPoints: 1 },
      { supplyPoints: 1, annualWh: (COMMON_WH + 60) * QUARTERS_OF_YEAR, basisDays: 365 },
    ],
  });

  // Leaving is possible until publication, and coming back.
  const buildingId = buildings[3];
  expect((await post("otherManager", `${at}/leave`, { buildingId })).json()).toMatchObject({
    participants: 3,
  });
  clock.nowMs += 1000;
  expect((await post("otherManager", `${at}/join`, { buildingId })).json()).toMatchObject({
    participants: 4,
  });

  // Publication opens the bidding; suppliers of anywhere see it.
  const published = await post("coordinator", `${at}/publish`);
  expect(published.json(), published.body).toMatchObject({
    state: "bidding",
    publishedAt: new Date(clock.nowMs).toISOString(),
    openedAt: null,
    dossierHash: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  const frozen = await get("otherManager", `${at}/participants`);
  expect(frozen.json(), frozen.body).toMatchObject({
    items: [
      { buildingId: buildings[2], annualWh: (COMMON_WH + 40) * QUARTERS_OF_YEAR, basisDays: 365 },
      { buildingId: buildings[3], leftAt: expect.any(String), annualWh: null },
      { buildingId: buildings[3], leftAt: null, annualWh: (COMMON_WH + 60) * QUARTERS_OF_YEAR },
    ],
  });
  const list = await get("cheap", "/v1/tenders?state=bidding");
  expect(list.json()).toMatchObject({ items: [{ id, sealedBids: null, award: null }], nextCursor: null });
  const dossier = await get("cheap", `${at}/dossier`);
  const annualWh = QUARTERS_WH.reduce((sum, wh) => sum + wh, 0) * QUARTERS_OF_YEAR;
  expect(dossier.json(), dossier.body).toMatchObject({
    lots: [{ participants: 4, supplyPointsTotal: 5, measuredWh: annualWh, annualWh, extrapolated: false }],
  });

  // Three suppliers bid, one of them twice.
  const first = await post("cheap", `${at}/bids`, { ...BIDS.cheap, pricePerKwh: "0.400000" });
  expect(first.json(), first.body).toMatchObject({
    counts: true,
    receipt: expect.stringMatching(/^\w{64}$/),
  });
  clock.nowMs += 60_000;
  const receipts: { receipt: string; logHead: string; id: string }[] = [];
  for (const who of ["dear", "cheap", "middle"] as const) {
    const bid = await post(who, `${at}/bids`, BIDS[who]);
    expect(bid.statusCode, bid.body).toBe(201);
    expect(bid.json()).toMatchObject({
      ...BIDS[who],
      tenderId: id,
      counts: true,
      supplierId: world.suppliers[who],
    });
    receipts.push(bid.json());
  }
  const own = await get("cheap", `${at}/bids`);
  expect(own.json<{ items: unknown[] }>().items.length).toBe(2);
  expect(own.json()).toMatchObject({
    items: [
      { pricePerKwh: "0.400000", counts: false, logHead: null },
      { pricePerKwh: BIDS.cheap.pricePerKwh, counts: true },
    ],
  });
  expect((await get("coordinator", at)).json()).toMatchObject({ sealedBids: 3 });
  expect((await get("coordinator", `${at}/bids`)).json()).toEqual({ items: [], nextCursor: null });

  // After the deadline they are opened, ranked, and each participant sees its own.
  clock.nowMs = AFTER_DEADLINE_MS;
  const opened = await post("coordinator", `${at}/open`);
  expect(opened.json(), opened.body).toMatchObject({
    state: "evaluated",
    openedAt: new Date(AFTER_DEADLINE_MS).toISOString(),
  });
  const evaluation = await get("coordinator", `${at}/evaluation`);
  expect(evaluation.json(), evaluation.body).toMatchObject({
    tenderId: id,
    currency: "EUR",
    vat: "excluded",
    participants: 4,
    annualWh,
    bids: (["cheap", "middle", "dear"] as const).map((who, index) => ({
      rank: index + 1,
      supplierId: world.suppliers[who],
      pricePerKwh: BIDS[who].pricePerKwh,
      annualFee: BIDS[who].annualFee,
      greenShare: BIDS[who].greenShare,
      annualCost: money(sumMicro(BIDS[who])),
      currentCost: money(sumMicro(PRESENT)),
      saving: money(sumMicro(PRESENT) - sumMicro(BIDS[who])),
      winners: who === "dear" ? 0 : 4,
      losers: who === "dear" ? 4 : 0,
    })),
  });
  type Participants = { bids: { bidId: string; participants: { buildingId: string; saving: string }[] }[] };
  const all = evaluation.json<Participants>().bids[0];
  expect(all?.participants).toHaveLength(5);
  const seen = (await get("manager", `${at}/evaluation`)).json<Participants>().bids[0];
  expect(seen?.participants.map((one) => one.buildingId)).toEqual([buildings[0], buildings[1]]);
  const resident = (await get("resident", `${at}/evaluation`)).json<Participants>().bids[0];
  expect(resident?.participants).toMatchObject([
    { saving: money(costMicro(PRESENT, COMMON_WH) - costMicro(BIDS.cheap, COMMON_WH)) },
    {
      supplyPointId: world.private,
      saving: money(costMicro(PRESENT, PRIVATE_WH) - costMicro(BIDS.cheap, PRIVATE_WH)),
    },
  ]);
  expect((await get("cheap", `${at}/evaluation`)).json()).toMatchObject({ status: 403, code: "forbidden" });

  // The award writes contracts from the delivery start on and ends those before.
  const bidId = all?.bidId;
  const awarded = await post("coordinator", `${at}/award`, { bidId, reason: "Cheapest for everyone" });
  expect(awarded.json(), awarded.body).toMatchObject({
    state: "awarded",
    award: {
      bidId,
      supplierId: world.suppliers.cheap,
      supplier: "Énergie Basse",
      pricePerKwh: BIDS.cheap.pricePerKwh,
      annualFee: BIDS.cheap.annualFee,
      greenShare: 1,
      reason: "Cheapest for everyone",
      awardedAt: new Date(AFTER_DEADLINE_MS).toISOString(),
    },
  });
  expect((await get("cheap", at)).json()).toMatchObject({ award: { bidId } });
  expect((await get("dear", at)).json()).toMatchObject({ state: "awarded", award: null });

  // The winner, and no other supplier, is told which supply points.
  const points = await get("cheap", `${at}/award/supply-points`);
  expect(points.json(), points.body).toMatchObject({ nextCursor: null });
  expect(points.json<{ items: { supplyPointId: string }[] }>().items.map((one) => one.supplyPointId)).toEqual(
    expect.arrayContaining([world.private, ...world.common]),
  );
  const csv = await get("cheap", `${at}/award/supply-points`, { accept: "text/csv" });
  expect(csv.headers["content-type"]).toContain("text/csv");
  expect(csv.body.trim().split("\r\n")).toHaveLength(6);
  expect((await get("dear", `${at}/award/supply-points`)).json()).toMatchObject({ code: "forbidden" });

  await world.wakeUpAt(Date.UTC(2027, 0, 2));
  const contract = await get("manager", `/v1/supply-points/${world.common[0]}/contract`);
  expect(contract.json(), contract.body).toMatchObject({
    supplier: "Énergie Basse",
    pricePerKwh: BIDS.cheap.pricePerKwh,
    annualFee: BIDS.cheap.annualFee,
    vat: "excluded",
    start: "2027-01-01",
    greenShare: 1,
    tenderId: id,
  });

  // And a stranger can check that nothing in between was touched.
  const log = (await get("dear", `${at}/log`)).json<Log>();
  expect(log.intact).toBe(true);
  for (const { receipt, logHead } of receipts) {
    expect(verifyLog(Number(id), log.items, logHead)).toMatchObject({ intact: true, head: log.head });
    expect(log.items.some(({ hash, text }) => hash === logHead && text.includes(receipt))).toBe(true);
  }
});
