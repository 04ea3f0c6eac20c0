// What is estimated of a supply point's registers, and how: as it is kept, day by day.
import { DAY_MS, utcDay } from "#devices/time";
import { sqlText, type Db } from "../pool.ts";
import type { LoadQuery } from "../profiles/load-days.ts";
import type { DayBytes } from "../profiles/save-profile.ts";

export type EstimatedRow = DayBytes & {
  readonly registerId: number;
  /** UTC days from 1970. */
  readonly day: number;
  /** While the register was main. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly methods: Buffer;
  /** Where they are not missing the estimate is not shown; `null`: nothing was measured. */
  readonly measuredStatuses: Buffer | null;
};

const LIST = sqlText(import.meta.url, "./list-estimates.sql");

/** By register and time. Who may see the supply point is the caller's question. */
export async function listEstimates(
  db: Db,
  supplyPointId: number,
  { direction, fromMs, toMs }: LoadQuery,
): Promise<EstimatedRow[]> {
  const days = [utcDay(fromMs), utcDay(toMs + DAY_MS - 1)];
  const { rows } = await db.query<EstimatedRow>({
    name: "list-estimates",
    text: LIST,
    values: [supplyPointId, direction, new Date(fromMs), new Date(toMs), ...days],
  });
  return rows;
}
