// A tender that was awarded, written straight into the database, for the tests of what came of it.
import type { Pool } from "#store";

export type Awarded = {
  readonly supplyPointId: string;
  readonly buildingId: string;
  /** The contract of the day of publication, frozen. */
  readonly before: {
    readonly nanoPerKwh: number;
    readonly feeMicro: number;
    readonly vat: number;
    readonly green: number | null;
  };
  readonly annualWh: number;
};

export type Award = {
  readonly organisationId: string;
  readonly supplierId: string;
  readonly startsOn: string;
  readonly nanoPerKwh: number;
  readonly feeMicro: number;
  readonly green: number;
  readonly points: readonly Awarded[];
};

/** The tender's identifier. It is in force, its contracts are written, and the old ones end where they begin. */
export async function awardTender(pool: Pool, award: Award): Promise<string> {
  const { startsOn, nanoPerKwh, feeMicro, green } = award;
  const { rows } = await pool.query<{ id: number }>(
    `insert into tender
       (organisation_id, name, carrier, regions, timezone, currency, delivery_starts_on, term_months, minimum_cohort,
        bid_deadline, state, created_by, created_at, published_at, opened_at)
     select $1, 'Group', 'electricity', '{BE}', 'Europe/Brussels', 'EUR', $2::date, 12, 1, $2::date - 30, 'in_force', id,
       $2::date - 90, $2::date - 60, $2::date - 30
     from account where role = 'admin'
     returning id`,
    [award.organisationId, startsOn],
  );
  const id = rows[0]?.id;
  const bid = await pool.query<{ id: number }>(
    `insert into tender_bid
       (tender_id, supplier_id, submitted_by, received_at, price_nano_per_kwh, annual_fee_micro, currency, term_months,
        green_millionths, valid_until, salt, receipt)
     select $1, $2, id, $3::date - 40, $4, $5, 'EUR', 12, $6, $3::date + 60, 'salt', 'receipt'
     from account where role = 'admin'
     returning id`,
    [id, award.supplierId, startsOn, nanoPerKwh, feeMicro, green],
  );
  await pool.query(
    `insert into tender_award (tender_id, bid_id, awarded_at, awarded_by, reason)
     select $1, $2, $3::date - 20, id, '' from account where role = 'admin'`,
    [id, bid.rows[0]?.id, startsOn],
  );
  for (const point of award.points) {
    await pool.query(
      `insert into tender_participant (tender_id, building_id, carrier, joined_at, joined_by, active)
       select $1, $2, 'electricity', $3::date - 80, id, false from account where role = 'admin'
       on conflict do nothing`,
      [id, point.buildingId, startsOn],
    );
    const { before } = point;
    await pool.query(
      `insert into tender_supply_point
         (tender_id, supply_point_id, building_id, grid_operator, kind, first_day, quarters, statuses, measured_wh,
          annual_wh, basis_days, year_to, current_supplier, current_price_nano_per_kwh, current_annual_fee_micro,
          current_vat_millionths, current_green_millionths)
       values ($1, $2, $3, 'Grid', 'common', '2025-01-01', '', '', $4, $4, 365, '2026-01-01', 'Old', $5, $6, $7, $8)`,
      [
        id,
        point.supplyPointId,
        point.buildingId,
        point.annualWh,
        before.nanoPerKwh,
        before.feeMicro,
        before.vat,
        before.green,
      ],
    );
    await pool.query(
      "update contract set ends_on = least(ends_on, $2::date) where supply_point_id = $1 and starts_on < $2::date",
      [point.supplyPointId, startsOn],
    );
    await pool.query(
      `insert into contract
         (supply_point_id, supplier, price_nano_per_kwh, annual_fee_micro, currency, vat, starts_on, notice_days,
          green_millionths, tender_id)
       values ($1, 'Winner', $3, $4, 'EUR', 'excluded', $2, 30, $5, $6)`,
      [point.supplyPointId, startsOn, nanoPerKwh, feeMicro, green, id],
    );
  }
  return String(id);
}
