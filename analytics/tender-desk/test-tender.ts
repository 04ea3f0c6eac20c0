// A coordinator with buildings that may take part in a tender, suppliers and a clock, for the tests of this folder.
import { DAY_MS, QUARTERS_PER_UTC_DAY, utcDay, utcDayStartMs } from "#devices/time";
import { QuarterCode, type Role } from "#devices/vocabulary";
import { openPool, scopeOf, type Pool, type Scope, type TenderRow } from "#store";
import { createTender } from "./create-tender.ts";
import type { BidInput, Desk, NewTender } from "./desk.ts";
import { publishTender } from "./publish-tender.ts";
import { joinTender } from "./take-part.ts";

export const NOW_MS = Date.parse("2026-11-20T10:00:00Z");
export const DEADLINE_MS = NOW_MS + 2 * DAY_MS;

export const CALL: NewTender = {
  name: "Common parts 2027",
  carrier: "electricity",
  regions: ["BE"],
  deliveryStartsOn: "2027-01-01",
  termMonths: 12,
  minimumCohort: undefined,
  bidDeadlineMs: DEADLINE_MS,
  currency: "EUR",
  draft: false,
};

export const BID: BidInput = {
  lotId: null,
  priceNanoPerKwh: 200_000_000n,
  annualFeeMicro: 50_000_000n,
  currency: "EUR",
  vat: "excluded",
  termMonths: 12,
  greenMillionths: 500_000,
  validUntilMs: undefined,
};

export type TestBuilding = {
  readonly id: number;
  readonly supplyPointId: number;
  readonly registerId: number;
  readonly manager: Scope;
};

export type BuildingOptions = {
  readonly organisationId?: number;
  readonly region?: string;
  readonly consent?: boolean;
  readonly contract?: boolean;
  readonly currency?: string;
  readonly contractStartsOn?: string;
  /** Days of its profile, UTC; the default has twelve whole months before November 2026, and ends the day before yesterday. */
  readonly firstDay?: string;
  readonly lastDay?: string;
  /** Times the usual load. */
  readonly factor?: number;
};

export type TestTender = {
  readonly pool: Pool;
  readonly desk: Desk;
  readonly clock: { nowMs: number };
  readonly coordinator: Scope;
  readonly account: (role: Role, organisationId: number, unitId?: number) => Promise<Scope>;
  readonly organisation: (kind: string, name?: string) => Promise<number>;
  readonly supplier: (name: string) => Promise<Scope>;
  readonly building: (options?: BuildingOptions) => Promise<TestBuilding>;
  readonly id: (text: string, values?: readonly unknown[]) => Promise<number>;
  /** Enrolled, with these buildings joined and published. */
  readonly published: (buildings: readonly TestBuilding[], call?: Partial<NewTender>) => Promise<TenderRow>;
};

export async function testTender(databaseUrl: string, cohortMin = 3): Promise<TestTender> {
  const pool = openPool(databaseUrl, { applicationName: "tender-test", max: 8 });
  const clock = { nowMs: NOW_MS };
  const desk: Desk = { pool, cohortMin, time: { now: () => clock.nowMs } };
  let count = 0;
  const id = async (text: string, values: readonly unknown[] = []): Promise<number> => {
    const { rows } = await pool.query<{ id: number }>(text, [...values]);
    const inserted = rows[0]?.id;
    if (inserted === undefined) throw new Error(`nothing was inserted by: ${text}`);
    return inserted;
  };
  const organisation = (kind: string, name = kind) =>
    id("insert into organisation (name, kind) values ($1, $2) returning id", [name, kind]);
  const account = async (role: Role, organisationId: number, unitId?: number): Promise<Scope> => {
    const accountId = await id(
      "insert into account (organisation_id, unit_id, email, role) values ($1, $2, $3, $4) returning id",
      [organisationId, unitId ?? null, `${role}-${count++}@example.org`, role],
    );
    return scopeOf({ id: accountId, role, organisationId, unitId: unitId ?? null }, clock.nowMs);
  };
  const organisationId = await organisation("coordinator", "Together");
  const coordinator = await account("coordinator", organisationId);
  const supplier = async (name: string) => account("supplier", await organisation("supplier", name));

  const building = async (options: BuildingOptions = {}): Promise<TestBuilding> => {
    const owner = options.organisationId ?? organisationId;
    const buildingId = await id(
      `insert into building (organisation_id, name, address, postal_code, country, region, timezone, dwellings)
      values ($1, $2, 'Street 1', '1000', 'BE', $3, 'Europe/Brussels', 8) returning id`,
      [owner, `House ${count++}`, options.region ?? "BE-BRU"],
    );
    const manager = await account("manager", owner);
    await pool.query("insert into account_building values ($1, $2)", [manager.accountId, buildingId]);
    const supplyPointId = await id(
      `insert into supply_point (building_id, carrier, code, direction, scope, vat_rate)
      values ($1, 'electricity', $2, 'import', 'common', 0.06) returning id`,
      [buildingId, `5414488200${String(count).padStart(8, "0")}`],
    );
    if (options.consent !== false) await consent(pool, supplyPointId, manager.accountId);
    if (options.contract !== false) {
      await pool.query(
        `insert into contract (
          supply_point_id, supplier, price_nano_per_kwh, annual_fee_micro, currency, vat, starts_on, notice_days
        )
        values ($1, 'Old Power', $2, 60000000, $3, 'included', $4, 30)`,
        [
          supplyPointId,
          290_000_000 - 1_000_000 * (count % 7),
          options.currency ?? "EUR",
          options.contractStartsOn ?? "2024-01-01",
        ],
      );
    }
    const deviceId = await id(
      "insert into device (building_id, name, profile) values ($1, 'Meter', 'dsmr-p1') returning id",
      [buildingId],
    );
    const registerId = await id(
      `insert into register (device_id, name, carrier, quantity, unit, kind, direction)
      values ($1, '1.8.0', 'electricity', 'energy', 'kWh', 'cumulative', 'import') returning id`,
      [deviceId],
    );
    await pool.query(
      "insert into register_assignment (register_id, supply_point_id, role) values ($1, $2, 'main')",
      [registerId, supplyPointId],
    );
    await fillProfile(pool, registerId, options);
    return { id: buildingId, supplyPointId, registerId, manager };
  };

  const published = async (buildings: readonly TestBuilding[], call: Partial<NewTender> = {}) => {
    const { id: tenderId } = await createTender(desk, coordinator, { ...CALL, ...call });
    for (const one of buildings) await joinTender(desk, one.manager, tenderId, one.id);
    return publishTender(desk, coordinator, tenderId);
  };
  return { pool, desk, clock, coordinator, account, organisation, supplier, building, id, published };
}

export async function consent(pool: Pool, supplyPointId: number, givenBy: number): Promise<void> {
  await pool.query(
    `insert into consent (supply_point_id, purpose, starts_at, evidence, given_by)
    values ($1, 'tender', '2026-01-01T00:00:00Z', 'assembly', $2)`,
    [supplyPointId, givenBy],
  );
}

export async function withdrawConsent(pool: Pool, supplyPointId: number): Promise<void> {
  await pool.query(
    "update consent set withdrawn_at = '2026-11-20T09:00:00Z', withdrawn_by = given_by where supply_point_id = $1",
    [supplyPointId],
  );
}

/** Every quarter-hour measured, another value in each. */
async function fillProfile(pool: Pool, registerId: number, options: BuildingOptions): Promise<void> {
  const firstMs = utcDayStartMs(options.firstDay ?? "2025-10-20");
  const lastMs = utcDayStartMs(options.lastDay ?? "2026-11-18");
  const days: string[] = [];
  const quarters: Buffer[] = [];
  for (let dayMs = firstMs; dayMs <= lastMs; dayMs += DAY_MS) {
    const bytes = Buffer.alloc(4 * QUARTERS_PER_UTC_DAY);
    for (let slot = 0; slot < QUARTERS_PER_UTC_DAY; slot++) {
      const wh = 40 + ((registerId * 31 + slot * 7 + (dayMs / DAY_MS) * 13) % 97);
      bytes.writeInt32LE(wh * (options.factor ?? 1), 4 * slot);
    }
    days.push(utcDay(dayMs));
    quarters.push(bytes);
  }
  await pool.query(
    `insert into load_profile_day (register_id, day, quarters, statuses, computed_at)
    select $1, day, quarters, $4, now()
    from unnest($2::date[], $3::bytea[]) as d (day, quarters)`,
    [registerId, days, quarters, Buffer.alloc(QUARTERS_PER_UTC_DAY, QuarterCode.measured)],
  );
}
