// The live tap: what was just received, told to whoever watches a building, over Redis pub/sub. Losing it loses nothing.
import { Redis } from "ioredis";
import type { Logger } from "pino";
import { liveEntries, type LiveRow } from "./live-row.ts";

export type LiveTap = {
  /** Never waits and never throws: what cannot be sent now is dropped and counted. */
  readonly publish: (buildingId: number, row: LiveRow) => void;
  /** Rows dropped because Redis was away or too slow, or too many came at once. */
  readonly dropped: () => number;
  /** Whether Redis is there. */
  readonly isConnected: () => boolean;
  readonly close: () => void;
};

/**
 * A page shows the latest value of a register, so within this time only that one is sent: a message a building and
 * period instead of a message a reading, which cost a seventh of the broker's CPU.
 */
const PERIOD_MS = 100;
/** Rows that wait for the end of the period. */
const WAITING_MAX = 20_000;
/** How often Redis is asked which buildings somebody watches: a page that opens gets its first values so much later. */
const ASK_EVERY_MS = 1000;
const CHANNEL = "live:";
/** Messages handed to Redis and not answered: above this it is too slow, and the page can wait for the next value. */
const UNANSWERED_MAX = 1000;

/** A tap on the channels `live:<buildingId>`; of buildings that nobody watches nothing is sent. Without an address, or while Redis is away, everything is dropped. */
export function createLiveTap(redisUrl: string | undefined, log: Pick<Logger, "warn">): LiveTap {
  if (redisUrl === undefined) {
    return {
      publish: () => undefined,
      dropped: () => 0,
      isConnected: () => false,
      close: () => undefined,
    };
  }
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
    publish: (buildingId, row) => tap.add(buildingId, row),
    dropped: () => tap.dropped,
    isConnected: () => redis.status === "ready",
    close: () => {
      tap.close();
      redis.disconnect();
    },
  };
}

/** The latest row of each layout, by building. */
class LatestRows {
  readonly #byBuilding = new Map<number, Map<LiveRow["layout"], LiveRow>>();
  #count = 0;

  /** Whether there was room for it. A late message does not replace a newer value. */
  add(buildingId: number, row: LiveRow): boolean {
    let latest = this.#byBuilding.get(buildingId);
    const known = latest?.get(row.layout);
    if (known !== undefined && known.observedAtMs > row.observedAtMs) return true;
    if (known === undefined && this.#count >= WAITING_MAX) return false;
    if (latest === undefined) this.#byBuilding.set(buildingId, (latest = new Map()));
    if (known === undefined) this.#count += 1;
    latest.set(row.layout, row);
    return true;
  }

  buildings(): Iterable<readonly [number, ReadonlyMap<unknown, LiveRow>]> {
    return this.#byBuilding;
  }
}

class Tap {
  readonly #redis: Redis;
  #waiting = new LatestRows();
  /** Of buildings that nobody watched when Redis was asked last: somebody may have begun since. */
  #unwatched = new LatestRows();
  #unanswered = 0;
  #timer: NodeJS.Timeout | undefined;
  readonly #asking: NodeJS.Timeout;
  /** Not known until Redis answered: then all are told. */
  #watched: ReadonlySet<number> | undefined;
  dropped = 0;

  constructor(redis: Redis) {
    this.#redis = redis;
    redis.on("ready", () => void this.#ask());
    this.#asking = setInterval(() => void this.#ask(), ASK_EVERY_MS).unref();
  }

  add(buildingId: number, row: LiveRow): void {
    const isReady = this.#redis.status === "ready";
    if (isReady && this.#watched?.has(buildingId) === false) {
      this.#unwatched.add(buildingId, row);
      return;
    }
    if (!isReady || !this.#waiting.add(buildingId, row)) {
      this.dropped += 1;
      return;
    }
    this.#timer ??= setTimeout(() => this.#send(), PERIOD_MS);
  }

  close(): void {
    clearTimeout(this.#timer);
    clearInterval(this.#asking);
  }

  async #ask(): Promise<void> {
    try {
      const channels = await this.#redis.pubsub("CHANNELS", `${CHANNEL}*`);
      this.#watched = new Set(channels.map((channel) => Number(String(channel).slice(CHANNEL.length))));
    } catch {
      // It went away meanwhile. Until it has answered again, all are told.
      this.#watched = undefined;
    }
    const unwatched = this.#unwatched;
    this.#unwatched = new LatestRows();
    for (const [buildingId, latest] of unwatched.buildings()) {
      if (this.#watched?.has(buildingId) === true) this.#sendOne(buildingId, latest);
    }
  }

  #send(): void {
    const waiting = this.#waiting;
    this.#waiting = new LatestRows();
    this.#timer = undefined;
    for (const [buildingId, latest] of waiting.buildings()) {
      if (this.#unanswered < UNANSWERED_MAX) this.#sendOne(buildingId, latest);
      else this.dropped += latest.size;
    }
  }

  #sendOne(buildingId: number, latest: ReadonlyMap<unknown, LiveRow>): void {
    this.#unanswered++;
    this.#redis
      .publish(`${CHANNEL}${buildingId}`, JSON.stringify(liveEntries(latest.values())))
      .catch(() => (this.dropped += latest.size))
      .finally(() => this.#unanswered--);
  }
}
