// The MQTT front door, wired: aedes with the mount, the credentials, the limits and the acknowledge path of ours.
import { randomUUID } from "node:crypto";
import { Aedes } from "aedes";
import type { Logger } from "pino";
import { Registry } from "prom-client";
import { MINUTE_MS, type TimeSource } from "#devices/time";
import { TraceNumbers } from "#devices/trace";
import type { Ingest } from "#ingest";
import { authenticateDevices, requireDurableStore, SEEN_EVERY_MS, type Pool } from "#store";
import { createAcceptPublish } from "./accept-publish.ts";
import {
  keepHandshakesSmall,
  keepWillsToThemselves,
  onBrokerError,
  rememberLengths,
  requireKnownAedes,
  skipDistribution,
} from "./aedes-internals.ts";
import { Authenticator } from "./authenticate.ts";
import { Commands, commandStore } from "./commands.ts";
import { Connections } from "./connections.ts";
import { Counts } from "./counts.ts";
import { Credentials, type LookUp } from "./credentials.ts";
import { createAuthorizeForward, createAuthorizeSubscribe } from "./deliver.ts";
import { DEFAULT_LIMITS, type BrokerLimits } from "./limits.ts";
import { LockOut } from "./lock-out.ts";
import { openListeners, type Listener, type ListenerConfig } from "./listeners.ts";
import { Presence, presenceStore } from "./presence.ts";
import { PublishIntake, type Backlog } from "./publish-intake.ts";
import { Rates } from "./rates.ts";
import { ReadGate, type Pressure } from "./read-gate.ts";
import { Sessions, type Session } from "./session.ts";
import { SideBySide } from "./side-by-side.ts";

/** How long a stopping broker waits for the store to answer what it has taken in. */
const DRAIN_MS = 2000;
const DRAIN_LOOK_MS = 10;

export type BrokerOptions = {
  readonly pool: Pool;
  readonly config: ListenerConfig;
  readonly time: TimeSource;
  readonly log: Logger;
  /** In this process; stays open until the broker is closed, and is closed by its owner. */
  readonly ingest: Pick<Ingest, "accept" | "pressure"> & {
    /** Is told when a device behind this gateway came, changed or left. */
    readonly forgetChildren?: (gatewayId: number) => void;
  };
  /** Other brokers and the API are heard at once through it, else within a second. */
  readonly redisUrl?: string | undefined;
  readonly limits?: Partial<BrokerLimits>;
  /** Is shown the broker's metrics. */
  readonly registry?: Registry;
  /** Which run of which process: stands in trace ids. */
  readonly instance?: string;
};

export type Broker = {
  /** Where it listens, by scheme: `mqtt://127.0.0.1:1883`. */
  readonly urls: { readonly mqtt: string; readonly mqtts?: string; readonly ws?: string };
  /** Prometheus text format. */
  readonly metrics: () => Promise<string>;
  /** Reads the TLS files again, for connections from then on. What cannot be used is logged, and those before stay. */
  readonly reloadCertificate: () => void;
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
  const rates = new Rates(limits, time, counts);
  // Drawn anew at each start: what a killed process left behind is told apart from what this one writes.
  const broker = randomUUID();
  const presence = new Presence(presenceStore(pool, broker), {
    time,
    log,
    everyMs: limits.presenceEveryMs,
    seenEveryMs: SEEN_EVERY_MS,
  });
  const everyMs = limits.changesEveryMs;
  const commands = new Commands({
    store: commandStore(pool, broker),
    sessions,
    counts,
    time,
    log,
    broker,
    everyMs,
  });
  const { aedes, authenticator, intake } = await startAedes({
    ...options,
    limits,
    sessions,
    counts,
    backlog,
    gate,
    rates,
    presence,
    commands,
  });
  const sideBySide = new SideBySide({
    pool,
    broker,
    redisUrl: options.redisUrl,
    limits,
    handlers: {
      access: (deviceId) => authenticator.accessChanged(deviceId),
      command: (deviceId) => commands.poke(deviceId),
      claim: (gatewayId) => ingest.forgetChildren?.(gatewayId),
    },
    connected: () => sessions.deviceIds(),
    time,
    log,
  });
  const connections = new Connections({
    aedes,
    sessions,
    gate,
    rates,
    authenticator,
    intake,
    presence,
    commands,
    counts,
    limits,
    time,
    log,
  });

  const { registry = new Registry() } = options;
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
    await sideBySide.stopWatching();
    gate.close();
    rates.close();
    const closed = Promise.all(listeners.map((listener) => listener.close()));
    await drained(sessions, time);
    await new Promise<void>((done) => aedes.close(done));
    connections.destroyAll();
    await closed;
    for (const timer of timers) clearInterval(timer);
    await commands.close();
    await presence.close();
    await sideBySide.close();
  };
  await sideBySide.start().catch(async (error: unknown) => {
    await stop([]);
    throw error;
  });
  const listeners = await openListeners(config, limits, log, (connection, peer) =>
    connections.attach(connection, peer),
  ).catch(async (error: unknown) => {
    await stop([]);
    throw error;
  });
  const { mqtt, mqtts, ws, reloadCertificate } = listeners;
  return {
    urls: { mqtt: mqtt.url, ...(mqtts ? { mqtts: mqtts.url } : {}), ...(ws ? { ws: ws.url } : {}) },
    metrics: () => registry.metrics(),
    reloadCertificate: () => reloaded(reloadCertificate, log),
    close: () => stop([mqtt, mqtts, ws].filter((listener) => listener !== undefined)),
  };
}

function reloaded(reload: () => number | undefined, log: Logger): void {
  try {
    const validToMs = reload();
    if (validToMs === undefined) log.warn("no certificate to read again: MQTTS_PORT is not set");
    else log.info({ validTo: new Date(validToMs).toISOString() }, "certificate read again");
  } catch (error) {
    log.error({ err: error }, "certificate not read again, the one before stays in use");
  }
}

type AedesParts = BrokerOptions & {
  readonly limits: BrokerLimits;
  readonly sessions: Sessions;
  readonly counts: Counts;
  readonly backlog: Backlog;
  readonly gate: ReadGate;
  readonly rates: Rates;
  readonly presence: Presence;
  readonly commands: Commands;
};

/** aedes with our hooks in the place of its own: each of them is one file of this folder. */
async function startAedes(
  parts: AedesParts,
): Promise<{ aedes: Aedes; authenticator: Authenticator; intake: PublishIntake }> {
  const { pool, ingest, time, log, limits, sessions, counts, backlog, gate, rates, presence, commands } =
    parts;
  const lookUp: LookUp = (claims, nowMs) => {
    counts.lookUps++;
    return authenticateDevices(pool, claims, nowMs);
  };
  const authenticator = new Authenticator({
    credentials: new Credentials(lookUp, time, limits),
    lockOut: new LockOut(limits.lockOut),
    rates,
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
  const intake = new PublishIntake({
    ingest,
    counts,
    time,
    backlog,
    gate,
    rates,
    traces: new TraceNumbers(),
    instance: parts.instance ?? "broker",
    log,
    heard,
  });
  const aedes = await Aedes.createBroker({
    connectTimeout: limits.connectWithinMs,
    maxInflightInbound: limits.handshakesPerConnectionMax,
    preConnect: (client, packet, done) => {
      authenticator.prepare(client, packet);
      done(null, true);
    },
    authenticate: (client, name, secret, done) => authenticator.authenticate(client, name, secret, done),
    authorizePublish: createAcceptPublish({ intake, sessions, counts, gate }),
    authorizeSubscribe: createAuthorizeSubscribe(sessions, limits.filtersPerConnectionMax, (session) =>
      commands.listening(session),
    ),
    authorizeForward: createAuthorizeForward(sessions),
  });
  requireKnownAedes(aedes);
  rememberLengths();
  keepWillsToThemselves(aedes);
  keepHandshakesSmall(aedes);
  skipDistribution(aedes, (client) => {
    const session = sessions.of(client);
    return session !== undefined && !sessions.isHeard(session.device.id);
  });
  onBrokerError(aedes, (error) => log.error({ err: error }, "mqtt broker failed"));
  return { aedes, authenticator, intake };
}

/** Resolves when every publish taken in is answered, or after `DRAIN_MS`: the rest was not acknowledged. */
async function drained(sessions: Sessions, time: TimeSource): Promise<void> {
  const untilMs = time.now() + DRAIN_MS;
  const waiting = (): boolean => [...sessions].some((session) => session.acks.count > 0);
  while (waiting() && time.now() < untilMs) {
    await new Promise((resolve) => setTimeout(resolve, DRAIN_LOOK_MS));
  }
}
