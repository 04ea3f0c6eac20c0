// After a story: everything that is stale is computed, and then all of it once more from raw readings, which must come to the same.
import { HOUR_MS } from "#devices/time";
import { memoryStore, profileLines } from "#memory-store";
import { createDrain, createEstimator } from "#worker";
import type { VirtualClock } from "./virtual-clock.ts";
import type { VirtualProduct } from "./virtual-product.ts";

const AT_ONCE = { pairsMax: 1024, rewriteAfterMs: 0, rewriteLateAfterMs: 0 };
const STEPS_MAX = 48;

/** Returns the lines that differ (I5, and V8 of `analytics/vee`). */
export async function settle(product: VirtualProduct, clock: VirtualClock): Promise<string[]> {
  const { database } = product;
  await workOff(product, clock);
  const kept = profileLines(database);
  database.forgetProfiles();
  database.estimates.clear();
  await workOff(product, clock);
  const anew = new Set(profileLines(database));
  const before = new Set(kept);
  return [
    ...kept.filter((line) => !anew.has(line)).map((line) => `kept: ${line}`),
    ...[...anew].filter((line) => !before.has(line)).map((line) => `anew: ${line}`),
  ];
}

async function workOff({ database, failures }: VirtualProduct, clock: VirtualClock): Promise<void> {
  const store = memoryStore(database);
  const { signal } = new AbortController();
  const error = (_fields: object, message: string) => void failures.push(message);
  const options = { store, time: clock, log: { debug: () => undefined, error } };
  const drain = createDrain({ ...options, limits: AT_ONCE });
  for (let step = 0; database.journal.rows.size > 0 && step < STEPS_MAX; step++) {
    const drained = drain(signal);
    await clock.runUntil(clock.now() + HOUR_MS);
    await drained;
  }
  if (database.journal.rows.size > 0) failures.push("the journal does not become empty");
  const estimated = createEstimator(options)(signal);
  await clock.runUntil(clock.now() + HOUR_MS);
  await estimated;
}
