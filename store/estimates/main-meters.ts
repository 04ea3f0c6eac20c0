// The registers whose index a supply point's load is held against.
import type { Direction } from "#devices/vocabulary";
import { sqlText, type Db } from "../pool.ts";

const LIST = sqlText(import.meta.url, "./main-meters.sql");

export type MainMeter = {
  readonly registerId: number;
  readonly deviceId: number;
  /** Of its readings. */
  readonly unit: string;
  /** Main in [fromMs, toMs); infinite where there is no bound. */
  readonly fromMs: number;
  readonly toMs: number;
};

/** Those that were main in some part of [fromMs, toMs). Who may see the supply point is the caller's question. */
export async function listMainMeters(
  db: Db,
  supplyPointId: number,
  query: { readonly direction: Direction; readonly fromMs: number; readonly toMs: number },
): Promise<MainMeter[]> {
  const { rows } = await db.query<MainMeter>({
    name: "main-meters",
    text: LIST,
    values: [supplyPointId, query.direction, new Date(query.fromMs), new Date(query.toMs)],
  });
  return rows;
}
