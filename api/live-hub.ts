// The live tap, fanned out: one Redis subscription per process and building, however many browsers look on.
import { Redis } from "ioredis";
import type { FastifyBaseLogger } from "fastify";
import type { LiveEntry } from "#store";

type Listener = (entries: readonly LiveEntry[]) => void;

export type LiveHub = {
  /** Calls back for every message of a building until the function returned is called. */
  readonly listen: (buildingId: number, listener: Listener) => () => void;
  readonly connected: () => boolean;
  readonly close: () => Promise<void>;
};

const CHANNEL = "live:";
const RETRY_MAX_MS = 5000;

/**
 * Best effort, like the tap itself (I3): with Redis away nothing arrives, and nothing breaks; when it is back, what is
 * wanted then is subscribed again. `redisUrl` undefined: a hub in which nothing ever happens.
 */
export function createLiveHub(redisUrl: string | undefined, log: FastifyBaseLogger): LiveHub {
  const listeners = new Map<number, Set<Listener>>();
  const redis = redisUrl === undefined ? undefined : connect(redisUrl, log);
  const send = (command: "subscribe" | "unsubscribe", ids: readonly number[]) => {
    if (redis?.status !== "ready" || ids.length === 0) return;
    redis[command](...ids.map((id) => CHANNEL + id)).catch((error: unknown) => {
      // Lost: live values of these buildings until Redis is ready again, which subscribes all of them.
      log.debug({ err: error, command }, "the live tap's subscription was interrupted");
    });
  };
  redis?.on("ready", () => send("subscribe", [...listeners.keys()]));
  redis?.on("message", (channel: string, message: string) => {
    const interested = listeners.get(Number(channel.slice(CHANNEL.length)));
    if (interested === undefined) return;
    const entries = entriesOf(message);
    for (const listener of interested) listener(entries);
  });

  return {
    listen(buildingId, listener) {
      const known = listeners.get(buildingId);
      const set = known ?? new Set<Listener>();
      set.add(listener);
      if (known === undefined) {
        listeners.set(buildingId, set);
        send("subscribe", [buildingId]);
      }
      return () => {
        if (!set.delete(listener) || set.size > 0 || listeners.get(buildingId) !== set) return;
        listeners.delete(buildingId);
        send("unsubscribe", [buildingId]);
      };
    },
    connected: () => redis?.status === "ready",
    close: async () => redis?.disconnect(),
  };
}

function connect(url: string, log: FastifyBaseLogger): Redis {
  const redis = new Redis(url, {
    connectionName: "koprogo-api-live",
    // What is wanted is known here: nothing is queued or repeated by the client.
    enableOfflineQueue: false,
    autoResubscribe: false,
    maxRetriesPerRequest: null,
    connectTimeout: 5000,
    retryStrategy: (attempt) => Math.min(attempt * 200, RETRY_MAX_MS),
  });
  let away = false;
  redis.on("error", (error) => {
    if (!away) log.warn({ err: error }, "Redis is away: the live stream stands still until it is back");
    away = true;
  });
  redis.on("ready", () => {
    if (away) log.info("Redis is back: the live stream goes on");
    away = false;
  });
  return redis;
}

/** What the broker publishes; anything else on the channel is nobody's reading. */
function entriesOf(message: string): LiveEntry[] {
  try {
    const entries: unknown = JSON.parse(message);
    return Array.isArray(entries) ? entries.filter(isEntry) : [];
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}

function isEntry(value: unknown): value is LiveEntry {
  if (typeof value !== "object" || value === null) return false;
  const entry = value as Record<keyof LiveEntry, unknown>;
  return (
    typeof entry.registerId === "number" &&
    typeof entry.deviceId === "number" &&
    (entry.supplyPointId === null || typeof entry.supplyPointId === "number") &&
    [entry.name, entry.quantity, entry.unit, entry.value, entry.observedAt].every(
      (text) => typeof text === "string",
    )
  );
}
