// Sorts what was claimed: computed now, or put back because it is too early, failed lately, or is more than one batch.
import type { StaleDay } from "#store";

export type BatchLimits = {
  /**
   * Registers' days computed in one transaction. Those of a device's day stay together, one device's at least: its readings are
   * fetched once for all of them.
   */
  readonly pairsMax: number;
  /** A day that only grows at its head is not written again sooner than this after the last time. */
  readonly rewriteAfterMs: number;
  /** Nor a day that late readings change: a device that unloads its history should be seen rightly soon. */
  readonly rewriteLateAfterMs: number;
};

export type Waiting = { readonly delayMs: number; readonly pairs: readonly StaleDay[] };

export type BatchPlan = {
  readonly compute: readonly StaleDay[];
  readonly wait: readonly Waiting[];
};

/** Delays are rounded up to this, so that what becomes due together is one journal row. */
const DELAY_GRID_MS = 5000;

/**
 * `claimed` comes by device, day and register. `heldForMs` is how long a register that failed must still wait, 0 for all
 * others. What exceeds the batch is put back in rows of one batch each, due at once.
 */
export function planBatch(
  claimed: readonly StaleDay[],
  limits: BatchLimits,
  heldForMs: (registerId: number) => number,
): BatchPlan {
  const ready: StaleDay[] = [];
  const later = new Map<number, StaleDay[]>();
  for (const pair of claimed) {
    const apartMs = pair.late ? limits.rewriteLateAfterMs : limits.rewriteAfterMs;
    const earlyMs = pair.computedAgoMs === null ? 0 : apartMs - pair.computedAgoMs;
    const delayMs = Math.max(earlyMs, heldForMs(pair.registerId));
    if (delayMs <= 0) ready.push(pair);
    else append(later, Math.ceil(delayMs / DELAY_GRID_MS) * DELAY_GRID_MS, pair);
  }
  const [compute = [], ...overflow] = chunksOfDeviceDays(ready, limits.pairsMax);
  const wait = [...later].map(([delayMs, pairs]) => ({ delayMs, pairs }));
  return { compute, wait: [...wait, ...overflow.map((pairs) => ({ delayMs: 0, pairs }))] };
}

function chunksOfDeviceDays(pairs: readonly StaleDay[], pairsMax: number): StaleDay[][] {
  const chunks: StaleDay[][] = [];
  for (const deviceDay of deviceDaysOf(pairs)) {
    const last = chunks.at(-1);
    if (last === undefined || last.length + deviceDay.length > pairsMax) chunks.push(deviceDay);
    else last.push(...deviceDay);
  }
  return chunks;
}

function deviceDaysOf(pairs: readonly StaleDay[]): StaleDay[][] {
  const deviceDays: StaleDay[][] = [];
  for (const pair of pairs) {
    const last = deviceDays.at(-1);
    const [first] = last ?? [];
    if (last !== undefined && first?.deviceId === pair.deviceId && first.day === pair.day) last.push(pair);
    else deviceDays.push([pair]);
  }
  return deviceDays;
}

function append<Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
