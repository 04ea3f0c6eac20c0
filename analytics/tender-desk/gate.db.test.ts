// The gate through the desk (I7): what is shown beside what was published before, quarter-hour by quarter-hour, and of the year.
import { afterAll, beforeAll, expect, test } from "vitest";
import { QUARTERS_PER_UTC_DAY } from "#devices/time";
import { QuarterCode } from "#devices/vocabulary";
import { findDossier } from "#store";
import { freshDatabase, type FreshDatabase } from "#testing";
import { createTender } from "./create-tender.ts";
import { cancelTender } from "./open-tender.ts";
import { publishTender } from "./publish-tender.ts";
import { joinTender } from "./take-part.ts";
import { CALL, testTender, type BuildingOptions, type TestBuilding, type TestTender } from "./test-tender.ts";

let database: FreshDatabase;
let world: TestTender;

beforeAll(async () => {
  database = await freshDatabase();
  world = await testTender(database.url, 3);
});
afterAll(async () => {
  await world.pool.end();
  await database.drop();
});

async function houses(count: number, options: BuildingOptions = {}): Promise<TestBuilding[]> {
  const all: TestBuilding[] = [];
  for (let index = 0; index < count; index++) all.push(await world.building(options));
  return all;
}

async function cancelled(group: readonly TestBuilding[]): Promise<number> {
  const { id } = await world.published(group);
  await cancelTender(world.desk, world.coordinator, id, "Its months are published, whatever became of it");
  return id;
}

/** The energies of the profile, one a quarter-hour; empty where withheld. */
async function shownBy(tenderId: number): Promise<string[]> {
  const dossier = await findDossier(world.pool, world.coordinator, tenderId);
  const [, ...lines] = (dossier?.profileCsv ?? "").trimEnd().split("\r\n");
  return lines.map((line) => line.split(",")[2] ?? "");
}

test("three join a published group, two of them silent in the afternoons: these are withheld, nobody is left alone in them", async () => {
  const before = await houses(3);
  const [vocal] = await houses(1);
  const silent = await houses(2);
  if (vocal === undefined) throw new Error("no house");
  const noon = QUARTERS_PER_UTC_DAY / 2;
  // All mornings, and whole days from June on: without a measured day nobody takes part.
  const statuses = Buffer.alloc(QUARTERS_PER_UTC_DAY, QuarterCode.missing).fill(
    QuarterCode.measured,
    0,
    noon,
  );
  await world.pool.query(
    "update load_profile_day set statuses = $1 where register_id = any ($2) and day < '2026-06-01'",
    [statuses, silent.map((house) => house.registerId)],
  );
  const first = await shownBy(await cancelled(before));
  expect(first).not.toContain("");
  const joined = await shownBy(await cancelled([...before, vocal, ...silent]));
  // From 1 November 2025, which begins at 23:00 UTC, to the end of May: an hour, and 212 UTC afternoons.
  const withheld = joined.flatMap((value, slot) => (value === "" ? [slot] : []));
  expect(withheld).toHaveLength(4 + 212 * noon);
  const startMs = Date.UTC(2025, 9, 31, 23);
  expect(withheld.every((slot) => new Date(startMs + slot * 15 * 60_000).getUTCHours() >= 12)).toBe(true);
});

test("who has little in the months that are shown, and most of the year, is refused with the annual volume", async () => {
  const [large] = await houses(1, { factor: 20 });
  const young = await houses(2, { firstDay: "2026-09-28" });
  if (large === undefined) throw new Error("no house");
  await world.pool.query(
    "update load_profile_day set quarters = $1 where register_id = $2 and day >= '2026-09-28'",
    [Buffer.alloc(4 * QUARTERS_PER_UTC_DAY, Buffer.from([40, 0, 0, 0])), large.registerId],
  );
  await expect(world.published([large, ...young])).rejects.toMatchObject({
    code: "dominant_participant",
    extra: { scope: "publication", month: "year", buildingIds: [String(large.id)] },
  });
});

test("another organisation's publications refuse nobody, and a refusal names nobody of them", async () => {
  const { desk } = world;
  const organisationId = await world.organisation("coordinator", "Others");
  const other = await world.account("coordinator", organisationId);
  const foreign = await houses(4, { organisationId });
  const { id } = await createTender(desk, other, CALL);
  for (const house of foreign) await joinTender(desk, house.manager, id, house.id);
  await publishTender(desk, other, id);
  // A raised minimum: what was published with less is not the next one's fault.
  const strict = { ...desk, cohortMin: 5 };
  const own = await houses(5);
  const { id: next } = await createTender(strict, world.coordinator, CALL);
  for (const house of own) await joinTender(strict, house.manager, next, house.id);
  await expect(publishTender(strict, world.coordinator, next)).resolves.toMatchObject({ state: "bidding" });
});
