// Guessing passwords gets slower and slower, per account and address, so that nobody can lock another out from afar.
import type { TimeSource } from "#devices/time";

/**
 *   attempts 1…5  no wait
 *   then          1 s, 2 s, 4 s … 15 min between attempts; a success forgets them, a quiet hour too
 *
 * Kept in this process only: another copy of the API allows its own attempts, a restart forgets. The hash's cost and the
 * rate limit per address hold the rest.
 */
export type LoginDelay = {
  /** Counts an attempt. Milliseconds until the next is allowed; 0: this one may go on. */
  readonly attempt: (email: string, address: string) => number;
  readonly succeeded: (email: string, address: string) => void;
};

const FREE_ATTEMPTS = 5;
const BASE_MS = 1000;
const MAX_MS = 15 * 60_000;
const FORGET_MS = 60 * 60_000;
const ENTRIES_MAX = 10_000;

type Entry = { attempts: number; lastMs: number };

export function createLoginDelay(time: TimeSource): LoginDelay {
  const entries = new Map<string, Entry>();
  const keyOf = (email: string, address: string) => `${email.toLowerCase()} ${address}`;

  return {
    attempt(email, address) {
      const key = keyOf(email, address);
      const nowMs = time.now();
      const entry = entries.get(key);
      const known = entry !== undefined && nowMs - entry.lastMs < FORGET_MS ? entry : undefined;
      const waitMs = known === undefined ? 0 : known.lastMs + delayAfter(known.attempts) - nowMs;
      if (waitMs > 0) return waitMs;
      // Re-inserted, so that the map's first entry is the one that was quiet for longest.
      entries.delete(key);
      entries.set(key, { attempts: (known?.attempts ?? 0) + 1, lastMs: nowMs });
      if (entries.size > ENTRIES_MAX) entries.delete(entries.keys().next().value ?? "");
      return 0;
    },
    succeeded(email, address) {
      entries.delete(keyOf(email, address));
    },
  };
}

/** The wait after this many attempts that did not succeed. */
function delayAfter(attempts: number): number {
  return attempts < FREE_ATTEMPTS ? 0 : Math.min(MAX_MS, BASE_MS * 2 ** (attempts - FREE_ATTEMPTS));
}
