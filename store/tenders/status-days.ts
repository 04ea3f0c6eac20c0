// Which quarter-hours of supply points are known and how well, without their energies: a fifth of the bytes of a profile.
import { sqlText, type Db } from "../pool.ts";

/** Days of one source of a supply point: a register as far as it was main, or its imported history. */
export type StatusDays = {
  readonly supplyPointId: number;
  /** 0: imported history. */
  readonly registerId: number;
  /** `-Infinity` where the assignment has no beginning. */
  readonly fromMs: number;
  readonly toMs: number;
  /** UTC days since 1970, ascending. */
  readonly days: readonly number[];
  /** `QUARTERS_PER_UTC_DAY` status bytes (`QuarterCode`) for each of `days`. */
  readonly statuses: Buffer;
};

const STATUS_DAYS = sqlText(import.meta.url, "./status-days.sql");

/** Import only. `daysBack`: of each supply point so many UTC days up to its last row; else the same days of all. */
export async function loadStatusDays(
  db: Db,
  supplyPointIds: readonly number[],
  span: { readonly daysBack: number } | { readonly fromDay: string; readonly toDay: string },
): Promise<StatusDays[]> {
  const back = "daysBack" in span;
  const { rows } = await db.query<StatusDays>(STATUS_DAYS, [
    supplyPointIds,
    back ? span.daysBack : null,
    back ? null : span.fromDay,
    back ? null : span.toDay,
  ]);
  return rows;
}

/** Those of the supply points for which readings before a day wait to be computed. `beforeDay`: UTC, `YYYY-MM-DD`. */
export async function pendingSupplyPoints(
  db: Db,
  supplyPointIds: readonly number[],
  beforeDay: string,
): Promise<Set<number>> {
  const { rows } = await db.query<{ id: number }>(
    `select distinct a.supply_point_id as id
    from journal j
    cross join lateral unnest(j.register_ids, j.days) as stale (register_id, day)
    join register_assignment a on a.register_id = stale.register_id and a.role = 'main'
    where stale.day < $2::date
      and a.supply_point_id = any ($1::integer[])`,
    [supplyPointIds, beforeDay],
  );
  return new Set(rows.map((row) => row.id));
}
