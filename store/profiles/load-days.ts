// The day rows behind a load: those of the main registers of supply points, with the time in which each register was main,
// and over them what was imported.
import { DIRECTIONS, type Carrier, type Direction } from "#devices/vocabulary";
import { DAY_MS, QUARTERS_PER_UTC_DAY, utcDay } from "#devices/time";
import { sqlText, type Db } from "../pool.ts";
import { readFloat8, readInt4, readInt4Array, type CopyField } from "./copy-reader.ts";
import { copyRows } from "./copy-rows.ts";
import { overEstimates } from "./over-estimates.ts";
import { IMPORTED, overlayImported } from "./overlay-imported.ts";
import type { DayRow, PackedDays, RegisterDays } from "./register-days.ts";

export type LoadQuery = {
  readonly direction: Direction;
  readonly fromMs: number;
  readonly toMs: number;
  /** `false`: what registers and files say, alone: money is counted from it. */
  readonly estimates?: boolean;
};

/** What a carrier's profile counts: energy in Wh, or volume in litres (gas until its calorific value is known). */
export type ProfileQuantity = { readonly quantity: "energy" | "volume"; readonly unit: "Wh" | "l" };

export function carrierQuantity(carrier: Carrier): ProfileQuantity {
  return carrier === "electricity" || carrier === "heat"
    ? { quantity: "energy", unit: "Wh" }
    : { quantity: "volume", unit: "l" };
}

const bySupplyPoints = sqlText(import.meta.url, "./load-days.sql");

/** What one assignment, or the imported history of a supply point, brings to a load. */
export type LoadRow = {
  register_id: number;
  supply_point_id: number;
  from_ms: number;
  to_ms: number;
  /** Days from 1970; `null` where there are none, and the rest with it. */
  days: readonly number[] | null;
  revisions: readonly number[] | null;
  quarters: Buffer | null;
  statuses: Buffer | null;
  /** The same of the estimated layer. */
  estimated_days: readonly number[] | null;
  estimated_revisions: readonly number[] | null;
  estimated_quarters: Buffer | null;
  estimated_statuses: Buffer | null;
};

/**
 * The main registers of these supply points in one direction, and their days that touch [fromMs, toMs). A register without
 * a row in the span is listed with no days: its quarter-hours are missing, not absent. Registers without a direction
 * (gas, water) count as import. Where nothing was measured stands what was estimated (`overEstimates`); imported history takes the
 * place of worse quarter-hours (`overlayImported`). Who may see a
 * supply point is the caller's question.
 */
export async function loadSupplyPointDays(
  db: Db,
  supplyPointIds: readonly number[],
  query: LoadQuery,
): Promise<RegisterDays[]> {
  const all = cut(await loadPackedDays(db, supplyPointIds, query));
  const imported = all.filter((series) => series.registerId === IMPORTED);
  return imported.length === 0 ? all : overlaid(all, imported);
}

/**
 * The rows behind `loadSupplyPointDays`, uncut, and imported history (register 0) beside the registers instead of over them:
 * where a supply point has one row, that is all there is to add up. `unpackDays` makes the rest of it.
 */
export async function loadPackedDays(
  db: Db,
  supplyPointIds: readonly number[],
  query: LoadQuery,
): Promise<PackedDays[]> {
  const rows = isMuch(supplyPointIds, query)
    ? await copyRows(db, withLiterals(supplyPointIds, query), copiedRow)
    : await preparedRows(db, supplyPointIds, query);
  return packedRows(rows, query);
}

/** The rows as they are added up: measured over estimated days, in one order of all rows. */
function packedRows(rows: readonly LoadRow[], query: LoadQuery): PackedDays[] {
  return rows.map((row) => packedDays(row, query.estimates !== false)).sort(byRegister);
}

/** What `loadSupplyPointDays` says of these rows. */
export function daysOfRows(rows: readonly LoadRow[], query: LoadQuery): RegisterDays[] {
  return unpackDays(packedRows(rows, query));
}

/** By register, its beginning, supply point: an order of all rows, whichever the database found first. */
function byRegister(one: PackedDays, other: PackedDays): number {
  return (
    one.registerId - other.registerId ||
    // Two without a beginning: NaN, which is neither.
    one.fromMs - other.fromMs ||
    one.supplyPointId - other.supplyPointId
  );
}

/** What `loadSupplyPointDays` says of these rows: all of one or several supply points. */
export function unpackDays(packed: readonly PackedDays[]): RegisterDays[] {
  const all = cut(packed);
  return overlayImported(
    all.filter(({ registerId }) => registerId !== IMPORTED),
    all.filter(({ registerId }) => registerId === IMPORTED),
  );
}

async function preparedRows(
  db: Db,
  supplyPointIds: readonly number[],
  { direction, fromMs, toMs }: LoadQuery,
): Promise<LoadRow[]> {
  const days = [utcDay(fromMs), utcDay(toMs + DAY_MS - 1)];
  const values = [supplyPointIds, direction, new Date(fromMs), new Date(toMs), ...days];
  const { rows } = await db.query<LoadRow>({ name: "load-days", text: bySupplyPoints, values });
  return rows;
}

/**
 * From here on a binary COPY is quicker, and leaves the event loop alone. It is planned anew each time (some milliseconds); a
 * prepared statement is not, but sends bytes as text: 50 supply points' years take 123 ms instead of 74 (measured as a pair).
 */
const COPIED_POINT_DAYS_MIN = 1500;

function isMuch(supplyPointIds: readonly number[], { fromMs, toMs }: LoadQuery): boolean {
  return (supplyPointIds.length * (toMs - fromMs)) / DAY_MS >= COPIED_POINT_DAYS_MIN;
}

const withoutComments = bySupplyPoints.replaceAll(/^--.*\n/gm, "");

/** COPY takes no parameters: only integers, a word of a closed list and instants are written into it. */
function withLiterals(supplyPointIds: readonly number[], { direction, fromMs, toMs }: LoadQuery): string {
  if (!supplyPointIds.every(Number.isSafeInteger))
    throw new TypeError("a supply point's number is an integer");
  if (!DIRECTIONS.includes(direction)) throw new TypeError("a direction is of the list");
  const literals: Readonly<Record<string, string>> = {
    $1: `'{${supplyPointIds.join(",")}}'`,
    $2: `'${direction}'`,
    // `RangeError` for what is no instant.
    $3: `'${new Date(fromMs).toISOString()}'`,
    $4: `'${new Date(toMs).toISOString()}'`,
    $5: `'${utcDay(fromMs)}'`,
    $6: `'${utcDay(toMs + DAY_MS - 1)}'`,
  };
  return withoutComments.replaceAll(/\$\d/g, (name) => literals[name] ?? name);
}

/** In the order of the select. */
function copiedRow([
  registerId,
  supplyPointId,
  fromMs,
  toMs,
  days,
  revisions,
  ...packed
]: readonly CopyField[]): LoadRow {
  const [quarters = null, statuses = null, estDays = null, estRevisions = null, ...est] = packed;
  const [estQuarters = null, estStatuses = null] = est;
  return {
    register_id: readInt4(registerId),
    supply_point_id: readInt4(supplyPointId),
    from_ms: readFloat8(fromMs),
    to_ms: readFloat8(toMs),
    days: days === null ? null : readInt4Array(days),
    revisions: revisions === null ? null : readInt4Array(revisions),
    quarters,
    statuses,
    estimated_days: estDays === null ? null : readInt4Array(estDays),
    estimated_revisions: estRevisions === null ? null : readInt4Array(estRevisions),
    estimated_quarters: estQuarters,
    estimated_statuses: estStatuses,
  };
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

const NO_BYTES = Buffer.alloc(0);

function packedDays(row: LoadRow, estimates: boolean): PackedDays {
  const measured = {
    dayNumbers: row.days ?? [],
    revisions: row.revisions ?? [],
    quarters: row.quarters ?? NO_BYTES,
    statuses: row.statuses ?? NO_BYTES,
  };
  return {
    registerId: row.register_id,
    supplyPointId: row.supply_point_id,
    fromMs: row.from_ms,
    toMs: row.to_ms,
    ...(row.estimated_days === null || !estimates
      ? measured
      : overEstimates(measured, {
          dayNumbers: row.estimated_days,
          revisions: row.estimated_revisions ?? [],
          quarters: row.estimated_quarters ?? NO_BYTES,
          statuses: row.estimated_statuses ?? NO_BYTES,
        })),
  };
}

/** A row per register and day would cost more than the bytes in it: days come packed end to end, and are cut here. */
function cut(packed: readonly PackedDays[]): RegisterDays[] {
  const names = new Map<number, string>();
  const nameOf = (day: number): string => {
    const name = names.get(day) ?? utcDay(day * DAY_MS);
    names.set(day, name);
    return name;
  };
  return packed.map(({ dayNumbers, revisions, quarters, statuses, ...register }) => {
    const days = dayNumbers.map((day, index): DayRow => {
      const first = index * QUARTERS_PER_UTC_DAY;
      const end = first + QUARTERS_PER_UTC_DAY;
      return {
        day: nameOf(day),
        quarters: quarters.subarray(first * INT4_BYTES, end * INT4_BYTES),
        statuses: statuses.subarray(first, end),
        revision: revisions[index] ?? 0,
      };
    });
    return { ...register, days };
  });
}
