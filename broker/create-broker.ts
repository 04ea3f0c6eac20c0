// The MQTT front door, wired: aedes with the mount, the credentials, the limits and the acknowledge path of ours.
import { Aedes } from "aedes";
import type { Logger } from "pino";
import { Registry } from "prom-client";
import { KoproError } from "#devices/error";
import { MINUTE_MS, type TimeSource } from "#devices/time";
import type { Ingest } from "#ingest";
import {
  authenticateDevice,
  durabilityFaults,
  markConnected,
  markDisconnected,
  markSeen,
  SEEN_EVERY_MS,
  type Pool,
} from "#store";
import { createAcceptPublish, type Backlog } from "./accept-publish.ts";
import { onBrokerError, requireKnownAedes, skipDistribution } from "./aedes-internals.ts";
import { Authenticator } from "./authenticate.ts";
import { Connections } from "./connections.ts";
import { Counts } from "./counts.ts";
import { Credentials } from "./credentials.ts";
import { createAuthorizeForward, createAuthorizeSubscribe } from "./deliver.ts";
import { DEFAULT_LIMITS, type BrokerLimits } from "./limits.ts";
import { openListeners, type Listener, type ListenerConfig } from "./listeners.ts";
import { Presence, type PresenceStore } from "./presence.ts";
import { ReadGate, type Pressure } from "./read-gate.ts";
import { Sessions, type Session } from "./session.ts";

/** How long a stopping broker waits for the store to answer what it has taken in. */
const DRAIN_MS = 2000;
const DRAIN_LOOK_MS = 10;

export type BrokerOptions = {
  readonly pool: Pool;
  readonly config: ListenerConfig;
  readonly time: TimeSource;
  readonly log: Logger;
  /** In this process; stays open until the broker is closed, and is closed by its owner. */
  readonly ingest: Pick<Ingest, "accept" | "pressure">;
  readonly limits?: Partial<BrokerLimits>;
};

export type Broker = {
  /** Where it listens, by scheme: `mqtt://127.0.0.1:1883`. */
  readonly urls: { readonly mqtt: string; readonly mqtts?: string; readonly ws?: string };
  /** Prometheus text format. */
  readonly metrics: () => Promise<string>;
  /** Takes in nothing more, answers what the store still commits within two seconds, disconnects. */
  readonly close: () => Promise<void>;
};

/**
 * Starts the broker.
 * @throws KoproError `config_invalid` when the store could lose what it committed.
 */
export async function createBroker(options: BrokerOptions): Promise<Broker> {
  const { pool, config, time, log, ingest } = options;
  const limits: BrokerLimits = { ...DEFAULT_LIMITS, ...options.limits };
  await requireDurableStore(pool);

  const sessions = new Sessions();
  const counts = new Counts();
  const backlog: Backlog = { bytes: 0 };
  const pressure = (): Pressure => {
    const { unacknowledgedBytes, oldestMs } = ingest.pressure();
    // Ingest counts payloads; ours counts what many small messages cost beside them.
    return { unacknowledgedBytes: Math.max(unacknowledgedBytes, backlog.bytes), oldestMs };
  };
  const gate = new ReadGate(pressure, limits);
  const presence = new Presence(presenceStore(pool), {
    time,
    log,
    everyMs: limits.presenceEveryMs,
    seenEveryMs: SEEN_EVERY_MS,
  });
  const { aedes, authenticator } = await startAedes({
    ...options,
    limits,
    sessions,
    counts,
    backlog,
    gate,
    presence,
  });
  const connections = new Connections({ aedes, sessions, gate, presence, counts, limits, log });

  const registry = new Registry();
  counts.register(registry, {
    connections: () => sessions.size,
    unacknowledgedBytes: () => pressure().unacknowledgedBytes,
  });
  const timers = [
    setInterval(() => connections.readOnStalled(time.now()), limits.readOnAfterMs),
    setInterval(() => authenticator.reverifyIdle(time.now()), limits.readOnAfterMs),
    setInterval(
      () => log.info({ connections: sessions.size, ...counts.summary(), ...pressure() }, "mqtt broker"),
      MINUTE_MS,
    ),
  ];

  const stop = async (listeners: readonly Listener[]): Promise<void> => {
    gate.close();
    const closed = Promise.all(listeners.map((listener) => listener.close()));
    await drained(sessions, time);
    await new Promise<void>((done) => aedes.close(done));
    connections.destroyAll();
    await closed;
    for (const timer of timers) clearInterval(timer);
    await presence.close();
  };
  const listeners = await openListeners(config, limits, (connection) => connections.attach(connection)).catch(
    async (error: unknown) => {
      await stop([]);
      throw error;
    },
  );
  const { mqtt, mqtts, ws } = listeners;
  return {
    urls: { mqtt: mqtt.url, ...(mqtts ? { mqtts: mqtts.url } : {}), ...(ws ? { ws: ws.url } : {}) },
    metrics: () => registry.metrics(),
    close: () => stop(Object.values(listeners)),
  };
}

type AedesParts = BrokerOptions & {
  readonly limits: BrokerLimits;
  readonly sessions: Sessions;
  readonly counts: Counts;
  readonly backlog: Backlog;
  readonly gate: ReadGate;
  readonly presence: Presence;
};

/** aedes with our hooks in the place of its own: each of them is one file of this folder. */
async function startAedes(parts: AedesParts): Promise<{ aedes: Aedes; authenticator: Authenticator }> {
  const { pool, ingest, time, log, limits, sessions, counts, backlog, gate, presence } = parts;
  const authenticator = new Authenticator({
    credentials: new Credentials((id, hash, now) => authenticateDevice(pool, id, hash, now), time, limits),
    sessions,
    counts,
    limits,
    time,
    log,
    isBusy: () => gate.refusesConnections(),
  });
  const heard = (session: Session, nowMs: number): void => {
    presence.seen(session.device.id, nowMs);
    authenticator.reverifyWhenDue(session, nowMs);
  };
  const aedes = await Aedes.createBroker({
    connectTimeout: limits.connectWithinMs,
    preConnect: (client, packet, done) => {
      authenticator.prepare(client, packet);
      done(null, true);
    },
    authenticate: (client, name, secret, done) => authenticator.authenticate(client, name, secret, done),
    authorizePublish: createAcceptPublish({ ingest, sessions, counts, time, backlog, gate, heard }),
    authorizeSubscribe: createAuthorizeSubscribe(sessions),
    authorizeForward: createAuthorizeForward(sessions),
  });
  requireKnownAedes(aedes);
  skipDistribution(aedes, (client) => {
    const session = sessions.of(client);
    return session !== undefined && !sessions.isHeard(session.device.id);
  });
  onBrokerError(aedes, (error) => log.error({ err: error }, "mqtt broker failed"));
  return { aedes, authenticator };
}

function presenceStore(pool: Pool): PresenceStore {
  return {
    markConnected: (ids, atMs) => markConnected(pool, ids, atMs),
    markDisconnected: (ids, atMs) => markDisconnected(pool, ids, atMs),
    markSeen: (ids, atMs) => markSeen(pool, ids, atMs),
  };
}

async function requireDurableStore(pool: Pool): Promise<void> {
  const faults = await durabilityFaults(pool);
  if (faults.length > 0) {
    throw new KoproError("config_invalid", `The database is not durable: ${faults.join("; ")}.`, {
      extra: { faults },
    });
  }
}

/** Resolves when every publish taken in is answered, or after `DRAIN_MS`: the rest was not acknowledged. */
async function drained(sessions: Sessions, time: TimeSource): Promise<void> {
  const untilMs = time.now() + DRAIN_MS;
  const waiting = (): boolean => [...sessions].some((session) => session.acks.count > 0);
  while (waiting() && time.now() < untilMs) {
    await new Promise((resolve) => setTimeout(resolve, DRAIN_LOOK_MS));
  }
}
