// The day rows behind a load: those of the main registers of supply points, with the time in which each register was main.
import type { Carrier, Direction } from "#devices/vocabulary";
import { DAY_MS, utcDay } from "#devices/time";
import { sqlText, type Db } from "../pool.ts";

/** A UTC day of one register: 96 little-endian int4 (Wh, or l) and a status byte each (`QuarterCode`). */
export type DayRow = {
  /** `YYYY-MM-DD`, UTC. */
  readonly day: string;
  readonly quarters: Buffer;
  readonly statuses: Buffer;
  /** Grows by one whenever a byte of the row changes: the sum over a series makes an ETag. */
  readonly revision: number;
};

/** One register's days, as far as it was the supply point's main register in [fromMs, toMs). */
export type RegisterDays = {
  readonly registerId: number;
  readonly supplyPointId: number;
  /** `-Infinity` where the assignment has no beginning. */
  readonly fromMs: number;
  /** `Infinity` where it has no end. */
  readonly toMs: number;
  readonly days: readonly DayRow[];
};

export type LoadQuery = {
  readonly direction: Direction;
  readonly fromMs: number;
  readonly toMs: number;
};

/** What a carrier's profile counts: energy in Wh, or volume in litres (gas until its calorific value is known). */
export type ProfileQuantity = { readonly quantity: "energy" | "volume"; readonly unit: "Wh" | "l" };

export function carrierQuantity(carrier: Carrier): ProfileQuantity {
  return carrier === "electricity" || carrier === "heat"
    ? { quantity: "energy", unit: "Wh" }
    : { quantity: "volume", unit: "l" };
}

const bySupplyPoints = sqlText(import.meta.url, "./load-days.sql");

type LoadRow = {
  register_id: number;
  supply_point_id: number;
  from_ms: number;
  to_ms: number;
  day: string | null;
  quarters: Buffer | null;
  statuses: Buffer | null;
  revision: number | null;
};

/**
 * The main registers of these supply points in one direction, and their days that touch [fromMs, toMs). A register without
 * a row in the span is listed with no days: its quarter-hours are missing, not absent. Registers without a direction
 * (gas, water) count as import. Who may see a supply point is the caller's question.
 */
export async function loadSupplyPointDays(
  db: Db,
  supplyPointIds: readonly number[],
  query: LoadQuery,
): Promise<RegisterDays[]> {
  const { rows } = await db.query<LoadRow>(bySupplyPoints, [
    supplyPointIds,
    query.direction,
    new Date(query.fromMs),
    new Date(query.toMs),
    utcDay(query.fromMs),
    utcDay(query.toMs + DAY_MS - 1),
  ]);
  return grouped(rows);
}

/** Rows come ordered by register, assignment and day: each group is one stretch of them. */
function grouped(rows: readonly LoadRow[]): RegisterDays[] {
  const series: (RegisterDays & { readonly days: DayRow[] })[] = [];
  for (const row of rows) {
    const last = series.at(-1);
    const same = last?.registerId === row.register_id && last.fromMs === row.from_ms;
    const current = same
      ? last
      : {
          registerId: row.register_id,
          supplyPointId: row.supply_point_id,
          fromMs: row.from_ms,
          toMs: row.to_ms,
          days: [],
        };
    if (!same) series.push(current);
    const { day, quarters, statuses, revision } = row;
    if (day !== null && quarters !== null && statuses !== null && revision !== null) {
      current.days.push({ day, quarters, statuses, revision });
    }
  }
  return series;
}
