// Readings in memory, by device and layout in order of time; each (instant, fingerprint) of a layout once.
import type { ReadingRow } from "../readings/row-buffer.ts";
import { MemoryFailure } from "./memory-failure.ts";

type LayoutRows = {
  /** By instant, then as they came. */
  readonly rows: ReadingRow[];
  readonly identities: Set<string>;
};

export class MemoryReadings {
  readonly #layouts = new Map<string, LayoutRows>();

  /** All of them or none: throws `duplicate` where one is there, or comes twice. */
  insertAll(rows: readonly ReadingRow[]): void {
    const seen = new Set<string>();
    for (const row of rows) {
      const identity = `${placeOf(row)} ${identityOf(row)}`;
      if (seen.has(identity) || this.#has(row))
        throw new MemoryFailure("duplicate", `a reading of device ${row.deviceId} is there already`);
      seen.add(identity);
    }
    for (const row of rows) this.#insert(row);
  }

  /** Those that are not there yet; returns them. */
  merge(rows: readonly ReadingRow[]): ReadingRow[] {
    return rows.filter((row) => {
      if (this.#has(row)) return false;
      this.#insert(row);
      return true;
    });
  }

  /** Of one layout, from and to inclusive. */
  between(deviceId: number, layoutId: number, fromMs: number, toMs: number): readonly ReadingRow[] {
    const { rows } = this.#of({ deviceId, layoutId });
    return rows.slice(placeFrom(rows, fromMs), placeFrom(rows, toMs + 1));
  }

  /** The `limit` nearest before (after) an instant, with those of the last one's instant. */
  nearest(
    deviceId: number,
    layoutId: number,
    side: "before" | "after",
    atMs: number,
    limit: number,
  ): readonly ReadingRow[] {
    const { rows } = this.#of({ deviceId, layoutId });
    if (side === "before") {
      const end = placeFrom(rows, atMs);
      const last = rows[end - limit];
      return rows.slice(last === undefined ? 0 : placeFrom(rows, last.observedAtMs), end);
    }
    const start = placeFrom(rows, atMs + 1);
    const last = rows[start + limit - 1];
    return rows.slice(start, last === undefined ? rows.length : placeFrom(rows, last.observedAtMs + 1));
  }

  all(): ReadingRow[] {
    return [...this.#layouts.values()].flatMap(({ rows }) => rows);
  }

  #of(place: { readonly deviceId: number; readonly layoutId: number }): LayoutRows {
    const key = placeOf(place);
    let found = this.#layouts.get(key);
    if (found === undefined) this.#layouts.set(key, (found = { rows: [], identities: new Set() }));
    return found;
  }

  #has(row: ReadingRow): boolean {
    return this.#of(row).identities.has(identityOf(row));
  }

  #insert(row: ReadingRow): void {
    const { rows, identities } = this.#of(row);
    identities.add(identityOf(row));
    const last = rows.at(-1);
    if (last === undefined || last.observedAtMs <= row.observedAtMs) rows.push(row);
    else rows.splice(placeFrom(rows, row.observedAtMs + 1), 0, row);
  }
}

function placeOf({ deviceId, layoutId }: { readonly deviceId: number; readonly layoutId: number }): string {
  return `${deviceId} ${layoutId}`;
}

function identityOf({ observedAtMs, fingerprint }: ReadingRow): string {
  return `${observedAtMs} ${fingerprint}`;
}

/** Where the first row stands that is not before this instant. */
function placeFrom(rows: readonly ReadingRow[], atMs: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((rows[middle]?.observedAtMs ?? Infinity) < atMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
