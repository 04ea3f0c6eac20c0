// Two publications at the same moment, each harmless beside what was published before, isolating somebody together (I7).
import { afterAll, beforeAll, expect, test } from "vitest";
import { freshDatabase, type FreshDatabase } from "#testing";
import { createTender } from "./create-tender.ts";
import { cancelTender } from "./open-tender.ts";
import { publishTender } from "./publish-tender.ts";
import { joinTender } from "./take-part.ts";
import { CALL, testTender, type TestBuilding, type TestTender } from "./test-tender.ts";

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

async function enrolled(houses: readonly TestBuilding[]): Promise<number> {
  const { id } = await createTender(world.desk, world.coordinator, CALL);
  for (const house of houses) await joinTender(world.desk, house.manager, id, house.id);
  return id;
}

test("of eight published once, three and three others leave two: one of both publications is refused", async () => {
  const { desk, coordinator, pool } = world;
  const houses: TestBuilding[] = [];
  for (let index = 0; index < 8; index++) houses.push(await world.building());
  const { id: first } = await world.published(houses);
  await cancelTender(desk, coordinator, first, "It was the first of three");

  const ids = [await enrolled(houses.slice(0, 3)), await enrolled(houses.slice(3, 6))];
  const results = await Promise.allSettled(ids.map((id) => publishTender(desk, coordinator, id)));
  const refused = results.filter((result) => result.status === "rejected");
  expect(refused.map(({ reason }) => reason as unknown)).toMatchObject([
    {
      code: "cohort_too_small",
      // Of the two that would be left alone, neither tender has any.
      extra: { scope: "difference", buildingIds: [] },
    },
  ]);
  const { rows } = await pool.query<{ state: string }>("select state from tender where id = any ($1)", [ids]);
  expect(rows.map(({ state }) => state).sort()).toEqual(["bidding", "enrolling"]);
});
