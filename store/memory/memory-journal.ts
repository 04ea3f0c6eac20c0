// The journal in memory: rows that are claimed by one transaction at a time, gone with its commit, there again without it.
import { DAY_MS } from "#devices/time";
import { STALE_CAUSES, type JournalPair, type StaleCause, type StaleDay } from "../profiles/journal.ts";
import { feedsProfile } from "../readings/profile-quantities.ts";
import type { MemoryDirectory } from "./memory-directory.ts";

export type JournalRow = {
  readonly id: number;
  readonly notBeforeMs: number;
  readonly late: boolean;
  readonly cause: StaleCause;
  readonly pairs: readonly { readonly registerId: number; readonly day: number }[];
};

/** Rows looked at in one claim, as in `claimJournal`. */
const ROWS_MAX = 256;

export class MemoryJournal {
  readonly rows = new Map<number, JournalRow>();
  /** By row, the transaction that looked at it. */
  readonly #lookedAt = new Map<number, object>();
  #lastId = 0;

  row(row: Omit<JournalRow, "id">): JournalRow {
    this.#lastId += 1;
    return { id: this.#lastId, ...row };
  }

  add(row: JournalRow): void {
    this.rows.set(row.id, row);
  }

  /**
   * As many due rows that no other transaction looks at as hold `pairsMax` pairs, and one at least; those it did not take it looks at
   * all the same.
   */
  claim(by: object, pairsMax: number, nowMs: number): JournalRow[] {
    const due = [...this.rows.values()]
      .filter(({ id, notBeforeMs }) => notBeforeMs <= nowMs && !this.#lookedAt.has(id))
      .sort((one, other) => one.notBeforeMs - other.notBeforeMs || one.id - other.id)
      .slice(0, ROWS_MAX);
    for (const { id } of due) this.#lookedAt.set(id, by);
    let pairs = 0;
    return due.filter((row) => {
      const isFirst = pairs === 0;
      pairs += row.pairs.length;
      return isFirst || pairs <= pairsMax;
    });
  }

  /** The transaction is over; what it took is gone if it committed. */
  end(by: object, taken: readonly JournalRow[]): void {
    for (const { id } of taken) this.rows.delete(id);
    for (const [id, holder] of this.#lookedAt) if (holder === by) this.#lookedAt.delete(id);
  }
}

export function rowOfPairs(pairs: readonly JournalPair[], notBeforeMs: number): Omit<JournalRow, "id"> {
  return {
    notBeforeMs,
    late: pairs.some((pair) => pair.late),
    cause: STALE_CAUSES.findLast((cause) => pairs.some((pair) => pair.cause === cause)) ?? "readings",
    pairs,
  };
}

/** Each pair once, by device, day and register, with what is needed to judge the register. */
export function staleDaysOf(
  rows: readonly JournalRow[],
  directory: MemoryDirectory,
  computedAgoMs: (registerId: number, day: number) => number | null,
): StaleDay[] {
  const found = new Map<string, StaleDay>();
  for (const { late, cause, pairs } of rows) {
    for (const { registerId, day } of pairs) {
      const register = directory.registers.get(registerId);
      if (register === undefined || !feedsProfile(register)) continue;
      const key = `${registerId} ${day}`;
      const before = found.get(key);
      found.set(key, {
        deviceId: register.deviceId,
        registerId,
        day,
        carrier: register.carrier,
        quantity: register.quantity,
        unit: register.unit,
        interpolateMaxS: register.interpolateMaxS,
        maxPerHour: register.maxPerHour,
        connectionKva: connectionKvaOf(registerId, directory),
        late: late || (before?.late ?? false),
        cause: before !== undefined && before.cause > cause ? before.cause : cause,
        computedAgoMs: computedAgoMs(registerId, day),
      });
    }
  }
  return [...found.values()].sort(
    (one, other) => one.deviceId - other.deviceId || one.day - other.day || one.registerId - other.registerId,
  );
}

/** The largest connection that it was ever assigned to. */
function connectionKvaOf(registerId: number, { assignments, supplyPoints }: MemoryDirectory): number | null {
  const known = assignments
    .filter((assignment) => assignment.registerId === registerId)
    .flatMap(({ supplyPointId }) => supplyPoints.get(supplyPointId)?.connectionKva ?? []);
  return known.length === 0 ? null : Math.max(...known);
}

/** The days that a ruling changes: within it those that there are, and two bridges around its ends (migration 0007). */
export function daysOfRuling(
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
  interpolateMaxS: number,
  known: Iterable<number>,
): Set<number> {
  const reachMs = 2 * interpolateMaxS * 1000;
  const days = new Set<number>();
  for (const atMs of [fromMs, toMs]) {
    const last = Math.floor((atMs + reachMs) / DAY_MS) + 1;
    for (let day = Math.floor((atMs - reachMs) / DAY_MS) - 1; day <= last; day++) days.add(day);
  }
  for (const day of known)
    if (day >= Math.floor(fromMs / DAY_MS) && day <= Math.floor(toMs / DAY_MS)) days.add(day);
  return days;
}
