// Instants at which a register showed several values that differ: all are kept, one counts.
import { unpackDecimals } from "#devices/decimal";
import { sqlText, type Db } from "../pool.ts";
import type { MainMeter } from "./main-meters.ts";

const LIST = sqlText(import.meta.url, "./duplicate-readings.sql");
/** So many are enough to look at. */
const INSTANTS_MAX = 1000;

type Row = {
  readonly observedAt: Date;
  readonly registerIds: readonly number[];
  readonly packed: readonly Buffer[];
};

export type DuplicateInstant = {
  readonly atMs: number;
  readonly registerId: number;
  readonly values: number;
};

/** Of these meters, each while it was main, in [fromMs, toMs): the first thousand, in order of time. */
export async function duplicateReadings(
  db: Db,
  meters: readonly MainMeter[],
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): Promise<DuplicateInstant[]> {
  if (meters.length === 0) return [];
  const { rows } = await db.query<Row>({
    name: "duplicate-readings",
    text: LIST,
    values: [
      [...new Set(meters.map(({ deviceId }) => deviceId))],
      [...new Set(meters.map(({ registerId }) => registerId))],
      new Date(fromMs),
      new Date(toMs),
      INSTANTS_MAX,
    ],
  });
  return rows.flatMap(({ observedAt, registerIds, packed }) => {
    const atMs = observedAt.getTime();
    const told = packed.map((row) => unpackDecimals(row));
    return meters.flatMap(({ registerId, fromMs: sinceMs, toMs: untilMs }) => {
      const place = registerIds.indexOf(registerId);
      if (place < 0 || atMs < sinceMs || atMs >= untilMs) return [];
      const values = new Set(told.flatMap((row) => row[place] ?? []).map(Number)).size;
      return values > 1 ? [{ atMs, registerId, values }] : [];
    });
  });
}
