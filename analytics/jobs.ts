// How a commit wakes the analytics: one queue, its job names, and a waker that can never hurt its caller.
import { Queue } from "bullmq";
import { Redis } from "ioredis";
import { SECOND_MS } from "#devices/time";

export { createChangeWaker, listenForChanges, type ChangeWaker } from "./change-waker.ts";

export const PROFILE_QUEUE = "profiles";

/** Why the worker runs. What it does is the same but for tenders, policies and estimates: it works through what is due in the journal. */
export const PROFILE_JOBS = {
  /** Something was committed. */
  wake: "wake",
  /** The safety net, every few seconds: finds what a lost wake, a flush or a crash left behind. */
  sweep: "sweep",
  /** Every hour, a minute after a civil day may have begun: awarded tenders whose delivery begins come into force. */
  tenders: "tenders",
  /** Every minute: what the declared policies no longer keep is deleted, and counted. */
  policies: "policies",
  /** Every minute: gaps of days that are over are estimated. */
  estimates: "estimates",
} as const;

/** Jobs carry nothing and leave nothing: the journal in PostgreSQL is the truth, Redis only says when. */
export const PROFILE_JOB_OPTIONS = { removeOnComplete: true, removeOnFail: 100 } as const;

export type Waker = {
  /** Asks the worker to look into the journal. Fire and forget: at most one job a second, never throws, never waits. */
  readonly wake: () => void;
  readonly close: () => Promise<void>;
};

export type WakerLog = { readonly warn: (fields: object, message: string) => void };

const WAKE_EVERY_MS = SECOND_MS;

/** Without `redisUrl`, or while Redis is away, waking does nothing: the worker's sweep finds the work. */
export function createWaker(redisUrl: string | undefined, log: WakerLog): Waker {
  if (redisUrl === undefined) return { wake: () => undefined, close: () => Promise.resolve() };
  const queue = new WakeQueue(redisUrl, log);
  let timer: NodeJS.Timeout | undefined;
  let wanted = false;
  const wake = () => {
    if (timer !== undefined) {
      wanted = true;
      return;
    }
    queue.add();
    // The first wake goes at once, and one at the end of the second for all that came in it.
    timer = setTimeout(() => {
      timer = undefined;
      if (wanted) {
        wanted = false;
        wake();
      }
    }, WAKE_EVERY_MS);
    timer.unref();
  };
  return {
    wake,
    close: async () => {
      clearTimeout(timer);
      await queue.close();
    },
  };
}

class WakeQueue {
  readonly #redis: Redis;
  readonly #queue: Queue;
  readonly #log: WakerLog;
  #pending = false;
  #silent = false;

  constructor(redisUrl: string, log: WakerLog) {
    this.#log = log;
    this.#redis = connectRedis(redisUrl);
    // Both report every failed attempt to connect: said once, until it works again.
    this.#redis.on("error", (error: Error) => this.#report(error));
    this.#redis.on("ready", () => (this.#silent = false));
    this.#queue = new Queue(PROFILE_QUEUE, { connection: this.#redis });
    this.#queue.on("error", (error) => this.#report(error));
  }

  /** While one add is under way (Redis may be away for hours) another would only pile up. */
  add(): void {
    if (this.#pending) return;
    this.#pending = true;
    this.#queue
      .add(
        PROFILE_JOBS.wake,
        {},
        { ...PROFILE_JOB_OPTIONS, deduplication: { id: PROFILE_JOBS.wake, keepLastIfActive: true } },
      )
      .catch((error: unknown) => this.#report(error))
      .finally(() => (this.#pending = false));
  }

  async close(): Promise<void> {
    this.#silent = true;
    this.#redis.disconnect();
    await this.#queue.close().catch((error: unknown) => this.#report(error));
  }

  #report(error: unknown): void {
    if (this.#silent) return;
    this.#silent = true;
    this.#log.warn(
      { err: error },
      "Redis cannot be reached; profiles are computed by the worker's own sweep",
    );
  }
}

const RECONNECT_MAX_MS = 2000;

/** A connection that BullMQ can use: it reconnects for ever, soon after Redis is there again. */
export function connectRedis(redisUrl: string): Redis {
  return new Redis(redisUrl, {
    maxRetriesPerRequest: null,
    retryStrategy: (attempt) => Math.min(100 * 2 ** attempt, RECONNECT_MAX_MS),
  });
}
