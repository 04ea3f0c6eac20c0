// The group while it enrols: volumes of each building for whom they are, and the lot in advance for who runs the tender.
import { afterAll, beforeAll, expect, test } from "vitest";
import { COMMON_WH, PRIVATE_WH, QUARTERS_OF_YEAR, tenderWorld, type TenderWorld } from "./test-tender.ts";

let world: TenderWorld;
let at: string;
beforeAll(async () => {
  world = await tenderWorld();
  at = `/v1/tenders/${await world.tender("joined")}`;
});
afterAll(() => world.stop());

type Participants = { items: { leftAt: string | null; annualWh: number | null }[] };
const volumesOf = async (who: Parameters<TenderWorld["get"]>[0]) =>
  (await world.get(who, `${at}/participants`))
    .json<Participants>()
    .items.filter(({ leftAt }) => leftAt === null)
    .map(({ annualWh }) => annualWh && annualWh / QUARTERS_OF_YEAR);

test("each sees the volumes of the supply points that he may see, before anything is published", async () => {
  const own = [COMMON_WH, COMMON_WH + 20];
  const others = [COMMON_WH + 40, COMMON_WH + 60];
  const withDwelling = [COMMON_WH + PRIVATE_WH, COMMON_WH + 20, ...others];
  expect(await volumesOf("coordinator")).toEqual(withDwelling);
  expect(await volumesOf("admin")).toEqual(withDwelling);
  expect(await volumesOf("manager")).toEqual(own);
  expect(await volumesOf("otherManager")).toEqual(others);
  expect(await volumesOf("resident")).toEqual([COMMON_WH + PRIVATE_WH]);
  expect(await volumesOf("bystander")).toEqual([]);
});

test("the preview is for who runs the tender, and nobody else learns a figure of it (I7)", async () => {
  for (const [who, status] of [
    ["manager", 403],
    ["resident", 403],
    ["bystander", 403],
    ["cheap", 404],
    ["strangeCoordinator", 404],
    ["strangeManager", 404],
  ] as const) {
    const answer = await world.get(who, `${at}/preview`);
    expect(answer.statusCode, who).toBe(status);
    expect(answer.body, who).not.toMatch(/annualWh|refusals/);
  }
});

test("it is what the dossier shows after the publication, or the reasons why there would be none", async () => {
  const [left = ""] = world.buildings;
  expect((await world.post("manager", `${at}/leave`, { buildingId: left })).statusCode).toBe(200);
  expect(
    (await world.post("otherManager", `${at}/leave`, { buildingId: world.buildings[3] })).statusCode,
  ).toBe(200);
  expect((await world.get("coordinator", `${at}/preview`)).json()).toEqual({
    asOf: new Date(world.clock.nowMs).toISOString(),
    lot: null,
    refusals: [
      {
        code: "cohort_too_small",
        scope: "publication",
        month: null,
        buildingIds: world.buildings.slice(1, 3),
      },
    ],
  });
  // The clock stands still in this test: they come back in the very millisecond in which they left.
  for (const [who, buildingId] of [
    ["manager", left],
    ["otherManager", world.buildings[3]],
  ] as const) {
    expect((await world.post(who, `${at}/join`, { buildingId })).statusCode).toBe(200);
  }

  const preview = (await world.get("admin", `${at}/preview`)).json<{ lot: object; refusals: unknown[] }>();
  expect(preview.refusals).toEqual([]);
  expect((await world.post("coordinator", `${at}/publish`)).statusCode).toBe(200);
  const { lots } = (await world.get("cheap", `${at}/dossier`)).json<{ lots: object[] }>();
  expect(lots).toEqual([
    { ...preview.lot, profileSha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string },
  ]);
  expect(await volumesOf("manager")).toEqual([COMMON_WH, COMMON_WH + 20]);
  expect((await world.get("coordinator", `${at}/preview`)).json()).toMatchObject({
    code: "state_forbidden",
    reason: "already_published",
  });
});
