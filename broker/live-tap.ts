// The live tap: what was just received, told to whoever watches a building, over Redis pub/sub. Losing it loses nothing.
import { Redis } from "ioredis";
import type { Logger } from "pino";
import type { LiveEntry } from "#store";

export type LiveTap = {
  /** Never waits and never throws: what cannot be sent now is dropped and counted. */
  readonly publish: (buildingId: number, entries: readonly LiveEntry[]) => void;
  /** Entries dropped because Redis was away or too slow, or too many came at once. */
  readonly dropped: () => number;
  readonly close: () => void;
};

/**
 * A page shows the latest value of a register, so within this time only that one is sent: a message a building and
 * period instead of a message a reading, which cost a seventh of the broker's CPU.
 */
const PERIOD_MS = 100;
/** Entries that wait for the end of the period. */
const WAITING_MAX = 20_000;
/** Messages handed to Redis and not answered: above this it is too slow, and the page can wait for the next value. */
const UNANSWERED_MAX = 1000;

/** A tap on the channels `live:<buildingId>`. Without an address, or while Redis is away, everything is dropped. */
export function createLiveTap(redisUrl: string | undefined, log: Pick<Logger, "warn">): LiveTap {
  if (redisUrl === undefined) return { publish: () => undefined, dropped: () => 0, close: () => undefined };
  const redis = new Redis(redisUrl, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectionName: "koprogo-live-tap",
  });
  let reachable = true;
  redis.on("ready", () => (reachable = true));
  redis.on("error", (error) => {
    if (reachable) log.warn({ err: error }, "redis is away: live pages stand still, readings do not");
    reachable = false;
  });
  const tap = new Tap(redis);
  return {
    publish: (buildingId, entries) => tap.add(buildingId, entries),
    dropped: () => tap.dropped,
    close: () => {
      tap.close();
      redis.disconnect();
    },
  };
}

class Tap {
  readonly #redis: Redis;
  /** By building, then by register: the latest. */
  #waiting = new Map<number, Map<number, LiveEntry>>();
  #count = 0;
  #unanswered = 0;
  #timer: NodeJS.Timeout | undefined;
  dropped = 0;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  add(buildingId: number, entries: readonly LiveEntry[]): void {
    if (this.#redis.status !== "ready" || this.#count >= WAITING_MAX) {
      this.dropped += entries.length;
      return;
    }
    const latest = this.#waiting.get(buildingId) ?? new Map<number, LiveEntry>();
    if (latest.size === 0) this.#waiting.set(buildingId, latest);
    const before = latest.size;
    for (const entry of entries) {
      const known = latest.get(entry.registerId);
      // RFC 3339 in UTC with the same digits compares as text; a late message does not replace a newer value.
      if (known === undefined || known.observedAt <= entry.observedAt) latest.set(entry.registerId, entry);
    }
    this.#count += latest.size - before;
    this.#timer ??= setTimeout(() => this.#send(), PERIOD_MS);
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #send(): void {
    const waiting = this.#waiting;
    this.#waiting = new Map();
    this.#count = 0;
    this.#timer = undefined;
    for (const [buildingId, latest] of waiting) {
      if (this.#unanswered < UNANSWERED_MAX) this.#sendOne(buildingId, [...latest.values()]);
      else this.dropped += latest.size;
    }
  }

  #sendOne(buildingId: number, entries: readonly LiveEntry[]): void {
    this.#unanswered++;
    this.#redis
      .publish(`live:${buildingId}`, JSON.stringify(entries))
      .catch(() => (this.dropped += entries.length))
      .finally(() => this.#unanswered--);
  }
}
