// The day rows behind a load: those of the main registers of supply points, with the time in which each register was main,
// and over them what was imported.
import type { Carrier, Direction } from "#devices/vocabulary";
import { DAY_MS, QUARTERS_PER_UTC_DAY, utcDay } from "#devices/time";
import { sqlText, type Db } from "../pool.ts";
import { IMPORTED, overlayImported } from "./overlay-imported.ts";
import type { DayRow, RegisterDays } from "./register-days.ts";

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
  /** Days from 1970; `null` where there are none, and the rest with it. */
  days: number[] | null;
  revisions: number[] | null;
  quarters: Buffer | null;
  statuses: Buffer | null;
};

/**
 * The main registers of these supply points in one direction, and their days that touch [fromMs, toMs). A register without
 * a row in the span is listed with no days: its quarter-hours are missing, not absent. Registers without a direction
 * (gas, water) count as import. Imported history takes the place of worse quarter-hours (`overlayImported`). Who may see a
 * supply point is the caller's question.
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
  const all = rows.map(unpacked);
  const imported = all.filter((series) => series.registerId === IMPORTED);
  return imported.length === 0 ? all : overlaid(all, imported);
}

/** So many supply points' years are some milliseconds of work. */
const OVERLAID_AT_ONCE = 8;

async function overlaid(
  all: readonly RegisterDays[],
  imported: readonly RegisterDays[],
): Promise<RegisterDays[]> {
  const own = Map.groupBy(
    all.filter((series) => series.registerId !== IMPORTED),
    (series) => series.supplyPointId,
  );
  const result: RegisterDays[] = [];
  for (let first = 0; first < imported.length; first += OVERLAID_AT_ONCE) {
    const files = imported.slice(first, first + OVERLAID_AT_ONCE);
    const mains = files.flatMap((file) => own.get(file.supplyPointId) ?? []);
    result.push(...overlayImported(mains, files));
    for (const file of files) own.delete(file.supplyPointId);
    if (first + OVERLAID_AT_ONCE < imported.length) await new Promise((resolve) => setImmediate(resolve));
  }
  return [...[...own.values()].flat(), ...result];
}

const INT4_BYTES = 4;

/** A row per register and day would cost more than the bytes in it: days come packed end to end, and are cut here. */
function unpacked(row: LoadRow): RegisterDays {
  const { days, revisions, quarters, statuses } = row;
  const rows: DayRow[] = [];
  if (days !== null && revisions !== null && quarters !== null && statuses !== null) {
    for (const [index, day] of days.entries()) {
      const first = index * QUARTERS_PER_UTC_DAY;
      const end = first + QUARTERS_PER_UTC_DAY;
      rows.push({
        day: utcDay(day * DAY_MS),
        quarters: quarters.subarray(first * INT4_BYTES, end * INT4_BYTES),
        statuses: statuses.subarray(first, end),
        revision: revisions[index] ?? 0,
      });
    }
  }
  return {
    registerId: row.register_id,
    supplyPointId: row.supply_point_id,
    fromMs: row.from_ms,
    toMs: row.to_ms,
    days: rows,
  };
}
