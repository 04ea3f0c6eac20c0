// How coarse imported history is: what was longer than a quarter-hour was spread evenly, and is marked as such.
import { DAY_MS, utcDay } from "#devices/time";
import type { Db } from "../pool.ts";
import type { LoadQuery } from "../profiles/index.ts";

/**
 * Seconds: the longest interval among the imported days that touch [fromMs, toMs), 900 where none is longer. Of whole UTC
 * days: the days that a load is read from. Who may see a supply point is the caller's question.
 */
export async function longestInterval(
  db: Db,
  supplyPointIds: readonly number[],
  { direction, fromMs, toMs }: LoadQuery,
): Promise<number> {
  const { rows } = await db.query<{ seconds: number }>({
    name: "longest-interval",
    text: `
    select greatest(900, max(d.resolution_s)) as seconds
    from imported_day d
    where d.supply_point_id = any ($1::integer[])
      and d.direction = $2
      and d.day >= $3::date
      and d.day < $4::date`,
    values: [supplyPointIds, direction, utcDay(fromMs), utcDay(toMs + DAY_MS - 1)],
  });
  return rows[0]?.seconds ?? QUARTER_S;
}

const QUARTER_S = 900;
