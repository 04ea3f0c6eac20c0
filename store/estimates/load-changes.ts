// Why a number changed: every day in which a quarter-hour that had a value got another one, with what it was and what it is.
import { DAY_MS, utcDay } from "#devices/time";
import { QuarterCode, type Direction } from "#devices/vocabulary";
import { sqlText, type Db, type PoolClient } from "../pool.ts";
import type { StaleCause } from "../profiles/journal.ts";
import type { DayBytes } from "../profiles/save-profile.ts";

export type LoadLayer = "measured" | "estimated" | "imported";
export type ChangeCause = StaleCause | "estimate" | "import";

/** A day of a register, or of a supply point's imported history, that changed. */
export type DayChange = {
  readonly registerId?: number;
  readonly imported?: {
    readonly supplyPointId: number;
    readonly direction: Direction;
    readonly importId: number;
  };
  /** UTC days from 1970. */
  readonly day: number;
  readonly cause: ChangeCause;
  /** As the day was shown, all layers of the register together, and as it is. */
  readonly before: DayBytes;
  readonly after: DayBytes;
  /** Of the day as it is shown now. */
  readonly revision: number;
};

const INT4_BYTES = 4;

/** The quarter-hours that had a value and have another one, a better or worse status, or none: their places. */
export function changedSlots(before: DayBytes, after: DayBytes): number[] {
  const slots: number[] = [];
  for (let slot = 0; slot < before.statuses.length; slot++) {
    if (before.statuses[slot] === QuarterCode.missing) continue;
    const at = slot * INT4_BYTES;
    const same =
      before.statuses[slot] === after.statuses[slot] &&
      before.quarters.readInt32LE(at) === after.quarters.readInt32LE(at);
    if (!same) slots.push(slot);
  }
  return slots;
}

const NOTE = sqlText(import.meta.url, "./note-changes.sql");
const LIST = sqlText(import.meta.url, "./list-changes.sql");
const LIST_OF_BUILDING = sqlText(import.meta.url, "./list-building-changes.sql");

/** Those in which a value changed; days that only gained values leave nothing. */
export function toldChanges(changes: readonly DayChange[]): DayChange[] {
  return changes.filter(({ before, after }) => changedSlots(before, after).length > 0);
}

/** Notes those that are told. */
export async function noteLoadChanges(
  client: PoolClient,
  layer: LoadLayer,
  changes: readonly DayChange[],
): Promise<void> {
  const told = toldChanges(changes);
  if (told.length === 0) return;
  await client.query({
    name: "note-load-changes",
    text: NOTE,
    values: [
      layer,
      told.map(({ registerId }) => registerId ?? 0),
      told.map(({ imported }) => imported?.supplyPointId ?? 0),
      told.map(({ imported }) => imported?.direction ?? ""),
      told.map(({ day }) => utcDay(day * DAY_MS)),
      told.map(({ cause }) => cause),
      told.map(({ imported }) => imported?.importId ?? 0),
      told.map(({ before }) => before.quarters),
      told.map(({ before }) => before.statuses),
      told.map(({ after }) => after.quarters),
      told.map(({ after }) => after.statuses),
      told.map(({ revision }) => revision),
    ],
  });
}

export type LoadChange = {
  readonly id: number;
  readonly layer: LoadLayer;
  readonly registerId: number | null;
  readonly importId: number | null;
  readonly day: number;
  readonly changedAt: Date;
  readonly cause: ChangeCause;
  readonly before: DayBytes;
  readonly after: DayBytes;
  /** Of the day as it was shown after the change; `null`: recorded before revisions were kept. */
  readonly revision: number | null;
  /** While the register was main there; without bounds for imported history. */
  readonly fromMs: number;
  readonly toMs: number;
};

type Row = Omit<LoadChange, "before" | "after"> & {
  readonly beforeQuarters: Buffer;
  readonly beforeStatuses: Buffer;
  readonly afterQuarters: Buffer;
  readonly afterStatuses: Buffer;
};

type ChangeQuery = { readonly fromMs: number; readonly toMs: number; readonly direction: Direction };

/** Of days that touch [fromMs, toMs), in the order in which they happened. Who may see the supply point is the caller's question. */
export async function listLoadChanges(
  db: Db,
  supplyPointId: number,
  query: ChangeQuery,
  page: { readonly after: number; readonly limit: number },
): Promise<LoadChange[]> {
  const { rows } = await db.query<Row>({
    name: "list-load-changes",
    text: LIST,
    values: [
      supplyPointId,
      new Date(query.fromMs),
      new Date(query.toMs - 1),
      query.direction,
      page.after,
      page.limit,
    ],
  });
  return rows.map(unpacked);
}

export type PointChange = LoadChange & { readonly supplyPointId: number };

type PointRow = Row & { readonly supplyPointId: number };

/**
 * Of several supply points, the newest first; `before`: the change that the page before ended with, 0 for the first page. Days of
 * which only statuses changed are left out. A page may be longer than `limit` by days of the same change at other supply points.
 */
export async function listPointChanges(
  db: Db,
  supplyPointIds: readonly number[],
  query: ChangeQuery,
  page: { readonly before: number; readonly limit: number },
): Promise<{ readonly changes: PointChange[]; readonly next: number | undefined }> {
  const { rows } = await db.query<PointRow>({
    name: "list-building-changes",
    text: LIST_OF_BUILDING,
    values: [
      supplyPointIds,
      new Date(query.fromMs),
      new Date(query.toMs - 1),
      query.direction,
      page.before,
      page.limit + 1,
    ],
  });
  const last = rows[page.limit - 1]?.id;
  const shown = rows.filter(({ id }) => last === undefined || id >= last);
  return {
    changes: shown.map((row) => ({ ...unpacked(row), supplyPointId: row.supplyPointId })),
    next: shown.length < rows.length ? last : undefined,
  };
}

function unpacked({ beforeQuarters, beforeStatuses, afterQuarters, afterStatuses, ...row }: Row): LoadChange {
  return {
    ...row,
    before: { quarters: beforeQuarters, statuses: beforeStatuses },
    after: { quarters: afterQuarters, statuses: afterStatuses },
  };
}
