// Raw index values of registers around a span of time: what a profile is computed from.
import { unpackChosen, type Decimal } from "#devices/decimal";
import { sqlText, type Db } from "../pool.ts";

/** One value that a message gave for a register at an instant, as received. Order and repeats are as stored: any. */
export type IndexValue = { readonly atMs: number; readonly clock: number; readonly value: Decimal };

/** A span of one device, both ends inclusive. Several spans of a device must not overlap. */
export type DeviceSpan = { readonly deviceId: number; readonly fromMs: number; readonly toMs: number };

const WITHIN = sqlText(import.meta.url, "./index-values.sql");
const BEYOND = sqlText(import.meta.url, "./index-values-beyond.sql");

/**
 * Readings of one layout in any order, end to end: instant (int8, us since 2000), clock (int2), size (int4), values. Nothing where
 * there are none.
 */
export type PackedRow = { readonly register_ids: readonly number[]; readonly packed: Buffer };

/** The nearest rows of one layout to a need's instant; `row_count` of them, those of the last instant whole. */
export type BeyondRow = PackedRow & {
  /** Of the need, from 1. */
  readonly place: number;
  readonly row_count: number;
};

/** Where readings lie. */
export type ReadingSource = {
  readonly within: (
    spans: readonly DeviceSpan[],
    registerIds: readonly number[],
  ) => Promise<readonly PackedRow[]>;
  /** Of each layout at most `limit` rows, and those that share the last one's instant. */
  readonly beyond: (needs: readonly BeyondNeed[], limit: number) => Promise<readonly BeyondRow[]>;
};

function postgresReadings(db: Db): ReadingSource {
  return {
    within: async (spans, registerIds) => {
      const { rows } = await db.query<PackedRow>({
        name: "index-values",
        text: WITHIN,
        values: [
          spans.map((span) => span.deviceId),
          spans.map((span) => new Date(span.fromMs)),
          spans.map((span) => new Date(span.toMs)),
          registerIds,
        ],
      });
      return rows;
    },
    beyond: async (needs, limit) => {
      const { rows } = await db.query<BeyondRow>({
        name: "index-values-beyond",
        text: BEYOND,
        values: [
          needs.map((need) => need.deviceId),
          needs.map((need) => new Date(need.atMs)),
          needs.map((need) => need.side === "before"),
          needs.flatMap((need) => need.registerIds),
          limit,
        ],
      });
      return rows;
    },
  };
}

/** The values of these registers in the spans of their devices: one query, each reading row fetched and unpacked once. */
export function indexValues(
  db: Db,
  spans: readonly DeviceSpan[],
  registerIds: readonly number[],
): Promise<Map<number, IndexValue[]>> {
  return valuesWithin(postgresReadings(db), spans, registerIds);
}

export async function valuesWithin(
  source: ReadingSource,
  spans: readonly DeviceSpan[],
  registerIds: readonly number[],
): Promise<Map<number, IndexValue[]>> {
  const rows = await source.within(spans, registerIds);
  const values = new Map<number, IndexValue[]>(registerIds.map((id) => [id, []]));
  for (const row of rows) unpackRows(row, values);
  return values;
}

/** Readings wanted on one side of an instant of a device, for each of these registers. */
export type BeyondNeed = {
  readonly deviceId: number;
  readonly side: "before" | "after";
  readonly atMs: number;
  readonly registerIds: readonly number[];
  /** Whether a value is a reading: only those count as found. */
  readonly counts: (value: IndexValue) => boolean;
};

/** By register; one list for each need, in their order. */
export type ValuesByRegister = ReadonlyMap<number, readonly IndexValue[]>;

const ROWS_FIRST = 4;
const ROWS_GROWTH = 16;
const INSTANTS_WANTED = 2;

/**
 * The values nearest to an instant on one side: of each register at least two instants, as far as there are any. A row may
 * name a register and carry nothing for it, so where two are not found it looks further, until the readings end.
 */
export function indexValuesBeyond(db: Db, needs: readonly BeyondNeed[]): Promise<ValuesByRegister[]> {
  return valuesBeyond(postgresReadings(db), needs);
}

export async function valuesBeyond(
  source: ReadingSource,
  needs: readonly BeyondNeed[],
): Promise<ValuesByRegister[]> {
  const found: ValuesByRegister[] = needs.map(() => new Map());
  let open = [...needs.keys()];
  for (let limit = ROWS_FIRST; open.length > 0; limit *= ROWS_GROWTH) {
    const answers = await beyond(
      source,
      open.flatMap((place) => needs[place] ?? []),
      limit,
    );
    open = open.filter((place, at) => {
      found[place] = answers[at]?.values ?? new Map();
      return answers[at]?.mayHaveMore ?? false;
    });
  }
  return found;
}

async function beyond(
  source: ReadingSource,
  needs: readonly BeyondNeed[],
  limit: number,
): Promise<{ values: ValuesByRegister; mayHaveMore: boolean }[]> {
  const rows = await source.beyond(needs, limit);
  return needs.map((need, at) => {
    const values = new Map<number, IndexValue[]>(need.registerIds.map((id) => [id, []]));
    const own = rows.filter((row) => row.place === at + 1);
    for (const row of own) unpackRows(row, values);
    const limited = own.filter((row) => row.row_count >= limit);
    for (const row of limited) cutBeyond(row, values, need.side);
    const wanting = [...values].filter(([, list]) => !hasEnough(list, need.counts)).map(([id]) => id);
    const mayHaveMore = limited.some((row) => row.register_ids.some((id) => wanting.includes(id)));
    return { values, mayHaveMore };
  });
}

/**
 * Beyond the last row that was fetched of a layout there may be more of it, nearer than what another layout has: such values do
 * not count before they are all known.
 */
function cutBeyond(
  { packed, register_ids: registerIds }: BeyondRow,
  values: Map<number, IndexValue[]>,
  side: BeyondNeed["side"],
): void {
  const instants: number[] = [];
  for (let at = 0; at < packed.length; at += HEADER_BYTES + packed.readInt32BE(at + 10)) {
    instants.push(instantAt(packed, at));
  }
  const edge = instants.reduce((far, one) => (side === "before" ? Math.min(far, one) : Math.max(far, one)));
  const isKnown = ({ atMs }: IndexValue) => (side === "before" ? atMs >= edge : atMs <= edge);
  for (const id of registerIds) {
    const list = values.get(id);
    if (list !== undefined) values.set(id, list.filter(isKnown));
  }
}

function hasEnough(values: readonly IndexValue[], counts: BeyondNeed["counts"]): boolean {
  return new Set(values.filter(counts).map((value) => value.atMs)).size >= INSTANTS_WANTED;
}

const HEADER_BYTES = 14;
const US_PER_MS = 1000n;
/** PostgreSQL counts from 2000-01-01. */
const EPOCH_OFFSET_MS = Date.UTC(2000, 0, 1);

function instantAt(packed: Buffer, at: number): number {
  return Number(packed.readBigInt64BE(at) / US_PER_MS) + EPOCH_OFFSET_MS;
}

/** Spreads the rows of one layout over its registers' lists. */
function unpackRows(row: PackedRow, values: ReadonlyMap<number, IndexValue[]>): void {
  const { packed } = row;
  const lists = row.register_ids.map((id) => values.get(id));
  const chosen = lists
    .slice(0, lists.findLastIndex((list) => list !== undefined) + 1)
    .map((list) => list !== undefined);
  let atMs = 0;
  let clock = 0;
  const take = (place: number, value: Decimal) => lists[place]?.push({ atMs, clock, value });
  for (let at = 0; at < packed.length;) {
    atMs = instantAt(packed, at);
    clock = packed.readInt16BE(at + 8);
    const start = at + HEADER_BYTES;
    const end = start + packed.readInt32BE(at + 10);
    unpackChosen(packed, start, end, chosen, take);
    at = end;
  }
}
