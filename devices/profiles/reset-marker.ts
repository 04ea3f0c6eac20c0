// Devices that say since when they count: where that instant is a later one than before, the index stood at 0 then.
import type { DecodeContext } from "#devices/reading";

type Counting = { readonly sinceMs: number; readonly heardAtMs: number };

/** Counters of a device whose beginning is remembered. */
const REMEMBERED_MAX = 1000;

/**
 * Whether the counter of that key began anew at `sinceMs`, so that a 0 belongs there. Not if an earlier value was heard since
 * then: a 0 before it would make it look like consumption. The first time that is heard says nothing of a change; it is forgotten
 * with the process, and the drop alone tells then. `heardAtMs`: the instant of the value beside it.
 */
export function beganAnew(
  recent: DecodeContext["recent"],
  key: string,
  sinceMs: number | undefined,
  heardAtMs: number,
): boolean {
  if (recent === undefined) return false;
  const before = recent.get(key) as Counting | undefined;
  const since = Math.max(sinceMs ?? Number.NEGATIVE_INFINITY, before?.sinceMs ?? Number.NEGATIVE_INFINITY);
  if (before === undefined && recent.size >= REMEMBERED_MAX) recent.clear();
  recent.set(key, { sinceMs: since, heardAtMs: Math.max(heardAtMs, before?.heardAtMs ?? heardAtMs) });
  if (before === undefined || !Number.isFinite(before.sinceMs)) return false;
  return since > before.sinceMs && since > before.heardAtMs && since <= heardAtMs;
}
