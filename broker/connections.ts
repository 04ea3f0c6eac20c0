// A connection's life between the socket and the session: guarded from its first byte, known from its CONNACK on.
//
//   attached ──CONNECT accepted──▶ open (counted, present, mounted) ──closed──▶ forgotten
//       └───────refused, silent or malformed──────────────────────────────────▶ forgotten
import type { Aedes, Client, Connection } from "aedes";
import type { Logger } from "pino";
import { hasPassed, type TimeSource } from "#devices/time";
import {
  divertBytes,
  gateReads,
  guardKeepAlive,
  guardPackets,
  guardParser,
  guardWrites,
  needsDrain,
  readOn,
  rewriteUnsubscribes,
} from "./aedes-internals.ts";
import type { Authenticator } from "./authenticate.ts";
import type { Commands } from "./commands.ts";
import type { Counts } from "./counts.ts";
import type { BrokerLimits } from "./limits.ts";
import { FIXED_HEADER_BYTES_MAX, type Peer } from "./listeners.ts";
import { mounted } from "./mount.ts";
import { packetRefusal } from "./packet-fault.ts";
import type { Presence } from "./presence.ts";
import type { PublishIntake } from "./publish-intake.ts";
import { PublishLane } from "./publish-lane.ts";
import type { Rates } from "./rates.ts";
import type { ReadGate } from "./read-gate.ts";
import type { Session, Sessions } from "./session.ts";

type Options = {
  readonly aedes: Aedes;
  readonly sessions: Sessions;
  readonly gate: ReadGate;
  readonly intake: PublishIntake;
  readonly presence: Presence;
  readonly commands: Pick<Commands, "poke" | "closed">;
  readonly counts: Counts;
  readonly limits: BrokerLimits;
  readonly log: Logger;
  readonly rates: Pick<Rates, "admits" | "holds" | "forget" | "take" | "takeControl">;
  readonly authenticator: Pick<Authenticator, "meet" | "opened">;
  readonly time: TimeSource;
};

/** Every connection from its socket to its end, with what guards it on the way. */
export class Connections {
  readonly #options: Options;
  readonly #attached = new Set<Connection>();
  readonly #peers = new WeakMap<Client, Peer>();

  constructor(options: Options) {
    const { aedes, log, sessions, commands } = options;
    this.#options = options;
    const logEnd = (client: Client, error: Error): void =>
      log.debug({ deviceId: sessions.of(client)?.device.id, err: error }, "connection ended by an error");
    aedes.on("client", (client) => this.#open(client));
    // After its SUBACK.
    aedes.on("subscribe", (_subscriptions, client) => {
      const session = sessions.of(client);
      if (session !== undefined) commands.poke(session.device.id);
    });
    aedes.on("clientError", logEnd);
    aedes.on("connectionError", logEnd);
  }

  /** Gives a new stream to aedes, with the limits that hold before anybody is known. */
  attach(connection: Connection, peer: Peer): void {
    const { aedes, sessions, gate, intake, limits, rates, authenticator, time } = this.#options;
    this.#attached.add(connection);
    connection.once("close", () => this.#attached.delete(connection));
    const client = aedes.handle(connection);
    this.#peers.set(client, peer);
    authenticator.meet(client, peer);
    guardParser(
      client,
      () => (sessions.of(client) === undefined ? limits.connectPacketBytesMax : limits.packetBytesMax),
      (bytes) => this.#tooLarge(client, bytes),
    );
    guardPackets(client, packetRefusal);
    const lane = new PublishLane({
      client,
      session: () => sessions.of(client),
      isHeard: (session) => sessions.isHeard(session.device.id),
      intake,
      rates,
      packetBytesMax: limits.packetBytesMax,
    });
    divertBytes(client, (chunk) => lane.read(chunk));
    // A CONNECT is always read, so that it can be refused; what comes behind it waits in the socket until it is answered.
    let unknownBytes = limits.connectPacketBytesMax + FIXED_HEADER_BYTES_MAX;
    gateReads(connection, () => {
      const session = sessions.of(client);
      if (session !== undefined) {
        const admitted =
          this.#hasRoom(session) && rates.admits(session, time.now()) && gate.admits(connection);
        return admitted ? Infinity : 0;
      }
      const room = unknownBytes;
      unknownBytes = Math.max(0, room - connection.readableLength);
      return room;
    });
  }

  /** Whether a connection may have more publishes that wait. If not, it gets a `readable` event once it may. */
  #hasRoom(session: Session): boolean {
    const { acks, client } = session;
    const { connectionWindowBytes } = this.#options.limits;
    // Answers that it does not read would only pile up; when they are read, it is read again.
    if (needsDrain(client)) return false;
    if (acks.bytes < connectionWindowBytes) return true;
    session.readAgain ??= () => {
      if (acks.bytes >= connectionWindowBytes / 2) return;
      session.readAgain = undefined;
      client.conn.emit("readable");
    };
    return false;
  }

  /** Reads connections again whose publishes have waited for long: a PINGREQ may be behind them. */
  readOnStalled(nowMs: number): void {
    const { sessions, limits } = this.#options;
    for (const session of sessions) {
      const sinceMs = session.acks.oldestSinceMs;
      if (sinceMs !== undefined && hasPassed(limits.readOnAfterMs, sinceMs, nowMs)) readOn(session.client);
    }
  }

  /** Ends those too that never said CONNECT: a listener closes only when the last of its sockets has. */
  destroyAll(): void {
    for (const connection of this.#attached) connection.destroy();
  }

  #open(client: Client): void {
    const { sessions, counts, presence, gate, rates, authenticator, limits, log } = this.#options;
    const session = sessions.of(client);
    if (session === undefined || client.conn.destroyed) return;
    counts.connected++;
    if (sessions.open(session)) presence.online(session.device.id);
    rewriteUnsubscribes(client, (filter) => {
      session.granted.delete(filter);
      return mounted(session.mount, filter);
    });
    guardKeepAlive(
      client,
      () => session.acks.count === 0 && !gate.holds(client.conn) && !rates.holds(session),
    );
    guardWrites(client, {
      bytesMax: limits.clientBufferBytesMax,
      withinMs: limits.clientDrainWithinMs,
      tooSlow: () => this.#tooSlow(session),
    });
    log.debug({ deviceId: session.device.id, clientId: session.clientId }, "device connected");
    client.conn.once("close", () => this.#closed(session));
    this.#peers.get(client)?.known?.();
    authenticator.opened(session);
  }

  #closed(session: Session): void {
    const { sessions, presence, commands, gate, rates, log } = this.#options;
    gate.forget(session.client.conn);
    rates.forget(session);
    if (sessions.close(session)) presence.offline(session.device.id);
    commands.closed(session);
    log.debug({ deviceId: session.device.id, clientId: session.clientId }, "device disconnected");
  }

  #tooSlow(session: Session): void {
    const { counts, log } = this.#options;
    const { client, device, clientId } = session;
    if (client.conn.destroyed) return;
    counts.slowClients++;
    log.warn({ deviceId: device.id, clientId }, "client does not read what it is sent, connection closed");
    client.conn.destroy();
  }

  #tooLarge(client: Client, bytes: number): Error {
    const { sessions, counts, log } = this.#options;
    counts.packetsTooLarge++;
    log.warn({ deviceId: sessions.of(client)?.device.id, bytes }, "packet too large, connection closed");
    return new Error(`packet of ${bytes} bytes is too large`);
  }
}
