// How warm it was outside a building, by the hour: readings of the registers whose role is to hang there.
import { unpackDecimals, type Decimal } from "#devices/decimal";
import { DAY_MS } from "#devices/time";
import { sqlText, type Db } from "../pool.ts";

/** A reading that stands for its hour and register. */
export type OutsideHour = { readonly atMs: number; readonly value: Decimal; readonly unit: string };

const HOURS = sqlText(import.meta.url, "./outside-hours.sql");

type Row = {
  readonly atMs: number;
  readonly unit: string;
  readonly position: number;
  readonly values: Buffer;
};

/** Of UTC days [fromDay, toDay), counted from 1970. */
export async function outsideHours(
  db: Db,
  buildingId: number,
  fromDay: number,
  toDay: number,
): Promise<OutsideHour[]> {
  const { rows } = await db.query<Row>({
    name: "outside-hours",
    text: HOURS,
    values: [buildingId, new Date(fromDay * DAY_MS), new Date(toDay * DAY_MS)],
  });
  return rows.flatMap(({ atMs, unit, position, values }) => {
    const value = unpackDecimals(values)[position - 1];
    return value === null || value === undefined ? [] : [{ atMs, value, unit }];
  });
}
