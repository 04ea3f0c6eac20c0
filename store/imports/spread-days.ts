// Imported days whose intervals were longer than a quarter-hour: their quarter-hours are alike by their making.
import { DAY_MS, utcDay } from "#devices/time";
import type { Db } from "../pool.ts";
import type { DayBytes, LoadQuery } from "../profiles/index.ts";

export type SpreadDay = DayBytes & {
  /** UTC days from 1970. */
  readonly day: number;
};

/** Of days that touch [fromMs, toMs), in order. Who may see the supply point is the caller's question. */
export async function spreadDays(
  db: Db,
  supplyPointId: number,
  { direction, fromMs, toMs }: LoadQuery,
): Promise<SpreadDay[]> {
  const { rows } = await db.query<SpreadDay>({
    name: "spread-days",
    text: `
    select d.day - date '1970-01-01' as day, d.quarters, d.statuses
    from imported_day d
    where d.supply_point_id = $1
      and d.direction = $2
      and d.day >= $3::date
      and d.day < $4::date
      and d.resolution_s > 900
    order by d.day`,
    values: [supplyPointId, direction, utcDay(fromMs), utcDay(toMs + DAY_MS - 1)],
  });
  return rows;
}
