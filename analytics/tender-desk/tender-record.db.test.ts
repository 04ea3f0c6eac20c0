// What stays of a tender: its snapshot gives its dossier again, nobody changes a row, and a changed byte is seen.
import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { utcDayNumber, utcDayStartMs } from "#devices/time";
import { findDossier, listTenderEvents, type TenderRow } from "#store";
import { freshDatabase, type FreshDatabase } from "#testing";
import { canonicalHash, canonicalJson, type CanonicalValue } from "../tender/canonical-json.ts";
import { dossierOf, isDossierIntact, profileCsv, type Dossier } from "../tender/dossier.ts";
import { verifyLog } from "../tender/log.ts";
import { sizeGroup } from "../tender/sizing.ts";
import { revisionOf } from "./revision-view.ts";
import { lotOf } from "./revision-view.ts";
import { submitBid } from "./submit-bid.ts";
import { unpackedSeries } from "./size-tender.ts";
import { BID, testTender, type TestBuilding, type TestTender } from "./test-tender.ts";

let database: FreshDatabase;
let world: TestTender;
let group: TestBuilding[];
let tender: TenderRow;

beforeAll(async () => {
  database = await freshDatabase();
  world = await testTender(database.url);
  group = [];
  for (let index = 0; index < 4; index++) group.push(await world.building());
  tender = await world.published(group);
  await submitBid(world.desk, await world.supplier("Power"), tender.id, BID);
});
afterAll(async () => {
  await world.pool.end();
  await database.drop();
});

test("the dossier comes out again, byte for byte, from the snapshot alone (I6)", async () => {
  const stored = await findDossier(world.pool, world.coordinator, tender.id);
  if (stored === undefined) throw new Error("no dossier");
  const { rows } = await world.pool.query<{
    supply_point_id: number;
    building_id: number;
    first_day: string;
    quarters: Buffer;
    statuses: Buffer;
    annual_wh: string;
    year_to: string;
  }>("select * from tender_supply_point where tender_id = $1 order by supply_point_id desc", [tender.id]);
  const { period, carrier } = lotOf(stored);
  const series = rows.map((row) =>
    unpackedSeries(
      { supplyPointId: row.supply_point_id, buildingId: row.building_id, yearTo: row.year_to },
      { ...row, firstDay: utcDayNumber(utcDayStartMs(row.first_day)) },
    ),
  );
  const { group: figures, profile } = sizeGroup({ series, period, cohortMin: 3 });
  const supplyPoints = [{ gridOperator: "Fluvius", kind: "common", count: 4 }];
  const again = dossierOf(stored.publishedAt.getTime(), [
    { carrier, period, figures, profile, supplyPoints },
  ]);
  expect(canonicalJson(again)).toBe(stored.text);
  expect(profileCsv(profile)).toBe(stored.profileCsv);
  expect(figures.annualWh).toBe(rows.reduce((sum, row) => sum + Number(row.annual_wh), 0));
  const shown = JSON.parse(stored.text) as Dossier;
  expect(isDossierIntact(shown)).toBe(true);
  const { hash, ...rest } = JSON.parse(stored.text) as Record<string, CanonicalValue>;
  expect(canonicalHash(rest)).toBe(hash);
  expect(stored.text).toContain(createHash("sha256").update(stored.profileCsv).digest("hex"));
});

test.each(["tender_event", "tender_supply_point", "tender_dossier", "publication_part", "tender_bid"])(
  "%s is append-only for everybody",
  async (table) => {
    const { rows } = await world.pool.query(`select 1 from ${table}`);
    expect(rows.length).toBeGreaterThan(0);
    await expect(world.pool.query(`update ${table} set tender_id = tender_id`)).rejects.toThrow(
      "append-only",
    );
    await expect(world.pool.query(`delete from ${table}`)).rejects.toThrow("append-only");
  },
);

test("a byte that somebody changes in the log behind our back is noticed where it is", async () => {
  const { pool, coordinator } = world;
  expect(verifyLog(tender.id, await listTenderEvents(pool, coordinator, tender.id))).toMatchObject({
    intact: true,
    state: "bidding",
  });
  await pool.query("alter table tender_event disable trigger tender_event_append_only");
  await pool.query(
    `update tender_event set text = replace(text, '"buildingId":"${group[1]?.id}"', '"buildingId":"999"')
    where tender_id = $1`,
    [tender.id],
  );
  await pool.query("alter table tender_event enable trigger tender_event_append_only");
  expect(verifyLog(tender.id, await listTenderEvents(pool, coordinator, tender.id))).toEqual({
    intact: false,
    sequence: 3,
    fault: "hash",
  });
});

test("corrections are told exactly to who runs the tender, to others by the percent and never one building's; the dossier stays", async () => {
  const { pool, desk, coordinator } = world;
  const supplier = await world.supplier("Light");
  const before = await findDossier(pool, coordinator, tender.id);
  const correct = (registerIds: readonly number[]) =>
    pool.query(
      `update load_profile_day
      set quarters = set_byte(quarters, 0, (get_byte(quarters, 0) + 100) % 256), revision = revision + 1
      where register_id = any ($1)`,
      [registerIds],
    );
  await correct([group[0]?.registerId ?? 0]);
  expect(await revisionOf(desk, supplier, tender.id)).toMatchObject({ presentWh: null, revisedShare: null });
  const one = await revisionOf(desk, coordinator, tender.id);
  expect(one.presentWh).not.toBe(one.publishedWh);
  await correct(group.slice(1).map(({ registerId }) => registerId));
  const all = await revisionOf(desk, coordinator, tender.id);
  expect(all.presentWh).not.toBe(one.presentWh);
  expect(all.revisedShare).not.toBe(0);
  // To the percent: the exact difference of two revisions may be one building's correction.
  const percent = Math.round(100 * (all.revisedShare ?? 0)) / 100;
  expect(await revisionOf(desk, supplier, tender.id)).toMatchObject({
    presentWh: null,
    revisedShare: percent,
  });
  expect(percent).not.toBe(all.revisedShare);
  expect(await findDossier(pool, coordinator, tender.id)).toEqual(before);
});
