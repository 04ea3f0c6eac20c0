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
/** How often Redis is asked which buildings somebody watches: a page that opens is told live values from then on. */
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

class Tap {
  readonly #redis: Redis;
  /** By building, then by layout: the latest row. */
  #waiting = new Map<number, Map<LiveRow["layout"], LiveRow>>();
  #count = 0;
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
    if (isReady && this.#watched?.has(buildingId) === false) return;
    if (!isReady || this.#count >= WAITING_MAX) {
      this.dropped += 1;
      return;
    }
    let latest = this.#waiting.get(buildingId);
    if (latest === undefined) this.#waiting.set(buildingId, (latest = new Map()));
    const known = latest.get(row.layout);
    // A late message does not replace a newer value.
    if (known !== undefined && known.observedAtMs > row.observedAtMs) return;
    if (known === undefined) this.#count += 1;
    latest.set(row.layout, row);
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
  }

  #send(): void {
    const waiting = this.#waiting;
    this.#waiting = new Map();
    this.#count = 0;
    this.#timer = undefined;
    for (const [buildingId, latest] of waiting) {
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
