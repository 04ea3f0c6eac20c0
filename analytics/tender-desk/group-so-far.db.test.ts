// The group before its publication: its figures are those that the publication freezes, each viewer's are his, and none are stale.
import { afterAll, beforeAll, expect, test } from "vitest";
import { findDossier } from "#store";
import { freshDatabase, type FreshDatabase } from "#testing";
import { tendersOfBuilding } from "./building-view.ts";
import { createTender } from "./create-tender.ts";
import { previewOf } from "./group-so-far.ts";
import { participantsOf } from "./participants-view.ts";
import { publishTender } from "./publish-tender.ts";
import { joinTender, leaveTender } from "./take-part.ts";
import { CALL, consent, testTender, type TestBuilding, type TestTender } from "./test-tender.ts";

let database: FreshDatabase;
let world: TestTender;

beforeAll(async () => {
  database = await freshDatabase();
  world = await testTender(database.url);
});
afterAll(async () => {
  await world.pool.end();
  await database.drop();
});

async function enrolling(houses: readonly TestBuilding[]): Promise<number> {
  const { id } = await createTender(world.desk, world.coordinator, CALL);
  for (const house of houses) await joinTender(world.desk, house.manager, id, house.id);
  return id;
}

async function three(): Promise<[TestBuilding, TestBuilding, TestBuilding]> {
  return [await world.building(), await world.building(), await world.building()];
}

const sum = (participants: readonly { annualWh: number | null }[]) =>
  participants.reduce((total, { annualWh }) => total + (annualWh ?? 0), 0);

test("what the preview shows is what the publication freezes, and each participant's volume stays", async () => {
  const { desk, coordinator, pool } = world;
  const houses = await three();
  const id = await enrolling(houses);
  const { lot, refusals } = await previewOf(desk, coordinator, id);
  const before = await participantsOf(desk, coordinator, id);
  expect(refusals).toEqual([]);
  expect(lot).toMatchObject({ participants: 3, supplyPointsTotal: 3, basisDays: 365, from: "2025-11-01" });
  expect(before.map(({ basisDays }) => basisDays)).toEqual([365, 365, 365]);
  expect(sum(before)).toBe(lot?.annualWh);
  expect((await previewOf(desk, coordinator, id)).lot, "remembered, not computed again").toBe(lot);

  await publishTender(desk, coordinator, id);
  const dossier = await findDossier(pool, coordinator, id);
  const { lots } = JSON.parse(dossier?.text ?? "{}") as { lots: { profileSha256: string }[] };
  const { profileSha256, ...shown } = lots[0] ?? {};
  expect(profileSha256).toMatch(/^[0-9a-f]{64}$/);
  expect(shown).toEqual(lot);
  expect(await participantsOf(desk, coordinator, id)).toEqual(before);
  await expect(previewOf(desk, coordinator, id)).rejects.toMatchObject({
    code: "state_forbidden",
    extra: { reason: "already_published" },
  });
});

test("a manager sees the volume of the own building and no preview; a stranger, a supplier and a draft have none", async () => {
  const { desk, coordinator } = world;
  const houses = await three();
  const id = await enrolling(houses);
  const all = await participantsOf(desk, coordinator, id);
  for (const house of houses) {
    const own = await participantsOf(desk, house.manager, id);
    expect(own).toEqual(all.filter(({ buildingId }) => buildingId === house.id));
    expect(own[0]?.annualWh).toBeGreaterThan(0);
    await expect(previewOf(desk, house.manager, id)).rejects.toMatchObject({ code: "forbidden" });
  }
  const elsewhere = await world.account("coordinator", await world.organisation("coordinator"));
  for (const scope of [elsewhere, await world.supplier("Power")]) {
    await expect(previewOf(desk, scope, id)).rejects.toMatchObject({ code: "not_found" });
  }
  const draft = await createTender(desk, coordinator, { ...CALL, draft: true });
  await expect(previewOf(desk, coordinator, draft.id)).rejects.toMatchObject({
    extra: { reason: "enrolment_not_open" },
  });
});

test("everything that would refuse the publication is told, and what changes it is seen at once", async () => {
  const { desk, coordinator, pool } = world;
  const [one, two, last] = await three();
  const id = await enrolling([one, two]);
  const preview = () => previewOf(desk, coordinator, id);
  const tooFew = { code: "cohort_too_small", scope: "publication", participantIds: [one.id, two.id] };
  expect(await preview()).toMatchObject({ lot: null, refusals: [tooFew] });
  expect(sum(await participantsOf(desk, coordinator, id))).toBeGreaterThan(0);

  await pool.query("insert into journal (register_ids, days) values ($1, $2)", [
    [one.registerId],
    ["2026-10-31"],
  ]);
  const pending = { code: "profile_pending", supplyPointId: one.supplyPointId };
  const waiting = { code: "conditions_missing", participants: [{ buildingId: one.id, missing: [pending] }] };
  expect(await preview()).toMatchObject({ refusals: [tooFew, waiting] });
  expect((await participantsOf(desk, coordinator, id)).map(({ missing }) => missing)).toEqual([
    [pending],
    [],
  ]);
  await pool.query("delete from journal");

  const giant = await world.building({ factor: 20 });
  await joinTender(desk, giant.manager, id, giant.id);
  expect((await preview()).refusals[0]).toMatchObject({
    code: "dominant_participant",
    participantIds: [giant.id],
  });
  await leaveTender(desk, giant.manager, id, giant.id);
  await joinTender(desk, last.manager, id, last.id);
  const { lot } = await preview();
  expect(lot).toMatchObject({ participants: 3 });

  await pool.query(
    `update load_profile_day
    set quarters = set_byte(quarters, 0, (get_byte(quarters, 0) + 1) % 256), revision = revision + 1
    where register_id = $1 and day = '2026-03-01'`,
    [one.registerId],
  );
  const corrected = (await preview()).lot;
  expect(Math.abs((corrected?.annualWh ?? 0) - (lot?.annualWh ?? 0))).toBe(1);
});

test("of a private supply point a manager is told that something is missing, and nothing else", async () => {
  const { desk, coordinator, pool } = world;
  const house = await world.building();
  const id = await enrolling([]);
  const unitId = await world.id(
    "insert into unit (building_id, name, kind) values ($1, '1A', 'dwelling') returning id",
    [house.id],
  );
  const own = await world.id(
    `insert into supply_point (building_id, unit_id, carrier, direction, scope, vat_rate)
    values ($1, $2, 'electricity', 'import', 'private', 0.06) returning id`,
    [house.id, unitId],
  );
  await joinTender(desk, house.manager, id, house.id);
  await consent(pool, own, house.manager.accountId);

  const told = [{ code: "private_supply_point" }];
  const cardOf = async (scope = house.manager) =>
    (await tendersOfBuilding(desk, scope, house.id)).find(({ tender }) => tender.id === id);
  expect(await cardOf()).toMatchObject({ joined: true, missing: told });
  expect((await participantsOf(desk, house.manager, id))[0]).toMatchObject({
    missing: told,
    supplyPoints: 2,
  });
  const missing = ["contract_missing", "profile_too_short"].map((code) => ({ code, supplyPointId: own }));
  expect(await cardOf(coordinator)).toMatchObject({ missing });
  expect((await participantsOf(desk, coordinator, id))[0]).toMatchObject({ missing, annualWh: null });

  await leaveTender(desk, house.manager, id, house.id);
  expect(await cardOf()).toMatchObject({ joined: false, mayJoin: false, missing: told });
  await expect(joinTender(desk, house.manager, id, house.id)).rejects.toMatchObject({
    code: "conditions_missing",
    extra: { missing: told },
  });
});

test("leaving and coming back while the clock stands still is a new time, after the one before", async () => {
  const { desk, coordinator } = world;
  const house = await world.building();
  const id = await enrolling([house]);
  for (let times = 0; times < 2; times++) {
    await leaveTender(desk, house.manager, id, house.id);
    await joinTender(desk, house.manager, id, house.id);
  }
  const participants = await participantsOf(desk, coordinator, id);
  expect(participants.map(({ leftAt }) => leftAt !== null)).toEqual([true, true, false]);
  const times = participants.flatMap(({ joinedAt, leftAt }) => [
    joinedAt,
    ...(leftAt === null ? [] : [leftAt]),
  ]);
  expect(times.map(Number)).toEqual(times.map(Number).toSorted((left, right) => left - right));
  expect(new Set(participants.map(({ joinedAt }) => joinedAt.getTime())).size).toBe(3);
});
