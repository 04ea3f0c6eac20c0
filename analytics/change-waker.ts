// How whoever changed something about devices wakes the brokers: a word over Redis, after the commit, that says only "look".
import { Redis } from "ioredis";

const CHANNEL = "koprogo:device-changes";
/** However many changes there are, the brokers are woken so often at most. */
const NOTIFY_EVERY_MS = 50;
const RETRY_MAX_MS = 2000;

type Log = { readonly warn: (fields: object, message: string) => void };

export type ChangeWaker = {
  /** Fire and forget, after the commit: never throws, never waits. Lost: the brokers look by themselves within a second. */
  readonly notify: () => void;
  readonly close: () => void;
};

/** Without `redisUrl`, or while Redis is away, waking does nothing. */
export function createChangeWaker(redisUrl: string | undefined, log: Log): ChangeWaker {
  if (redisUrl === undefined) return { notify: () => undefined, close: () => undefined };
  const redis = connect(redisUrl, "koprogo-change-waker", log);
  let timer: NodeJS.Timeout | undefined;
  let wanted = false;
  const notify = (): void => {
    wanted = true;
    if (timer !== undefined) return;
    wanted = false;
    if (redis.status === "ready") {
      redis.publish(CHANNEL, "").catch((error: unknown) => {
        log.warn({ err: error }, "the brokers were not woken; they look every second");
      });
    }
    timer = setTimeout(() => {
      timer = undefined;
      if (wanted) notify();
    }, NOTIFY_EVERY_MS);
    timer.unref();
  };
  return {
    notify,
    close: () => {
      clearTimeout(timer);
      redis.disconnect();
    },
  };
}

/**
 * Calls `onChange` when somebody notifies, and when Redis is there again: what was said meanwhile was not heard.
 * `close` ends it.
 */
export function listenForChanges(
  redisUrl: string | undefined,
  log: Log,
  onChange: () => void,
): { readonly close: () => void } {
  if (redisUrl === undefined) return { close: () => undefined };
  const redis = connect(redisUrl, "koprogo-change-listener", log);
  redis.on("message", onChange);
  redis.on("ready", () => {
    redis.subscribe(CHANNEL).then(onChange, (error: unknown) => {
      log.warn({ err: error }, "changes of devices are looked for every second only");
    });
  });
  return { close: () => redis.disconnect() };
}

function connect(redisUrl: string, connectionName: string, log: Log): Redis {
  const redis = new Redis(redisUrl, {
    connectionName,
    // Subscribed anew when it is ready; a word for the moment is not kept for later.
    enableOfflineQueue: false,
    autoResubscribe: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (attempt) => Math.min(100 * 2 ** attempt, RETRY_MAX_MS),
  });
  let away = false;
  redis.on("error", (error: Error) => {
    if (!away) log.warn({ err: error }, "Redis is away: changes of devices take up to a second to be heard");
    away = true;
  });
  redis.on("ready", () => (away = false));
  return redis;
}
