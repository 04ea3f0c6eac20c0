// A connection's life between the socket and the session: guarded from its first byte, known from its CONNACK on.
//
//   attached ──CONNECT accepted──▶ open (counted, present, mounted) ──closed──▶ forgotten
//       └───────refused, silent or malformed──────────────────────────────────▶ forgotten
import type { Aedes, Client, Connection } from "aedes";
import type { Logger } from "pino";
import { gateReads, guardKeepAlive, guardParser, readOn, rewriteUnsubscribes } from "./aedes-internals.ts";
import type { Counts } from "./counts.ts";
import type { BrokerLimits } from "./limits.ts";
import { mounted } from "./mount.ts";
import type { Presence } from "./presence.ts";
import type { ReadGate } from "./read-gate.ts";
import type { Session, Sessions } from "./session.ts";

type Options = {
  readonly aedes: Aedes;
  readonly sessions: Sessions;
  readonly gate: ReadGate;
  readonly presence: Presence;
  readonly counts: Counts;
  readonly limits: BrokerLimits;
  readonly log: Logger;
};

export class Connections {
  readonly #options: Options;
  readonly #attached = new Set<Connection>();

  constructor(options: Options) {
    const { aedes, log, sessions } = options;
    this.#options = options;
    const logEnd = (client: Client, error: Error): void =>
      log.debug({ deviceId: sessions.of(client)?.device.id, err: error }, "connection ended by an error");
    aedes.on("client", (client) => this.#open(client));
    aedes.on("clientError", logEnd);
    aedes.on("connectionError", logEnd);
  }

  /** Gives a new stream to aedes, with the limits that hold before anybody is known. */
  attach(connection: Connection): void {
    const { aedes, sessions, gate, limits } = this.#options;
    this.#attached.add(connection);
    connection.once("close", () => this.#attached.delete(connection));
    const client = aedes.handle(connection);
    guardParser(
      client,
      () => (sessions.of(client) === undefined ? limits.connectPacketBytesMax : limits.packetBytesMax),
      (bytes) => this.#tooLarge(client, bytes),
    );
    gateReads(connection, () => {
      const session = sessions.of(client);
      // A CONNECT is always read, so that it can be refused; aedes reads no further until it is answered.
      if (session === undefined) return true;
      return session.acks.bytes < limits.connectionWindowBytes && gate.admits(connection);
    });
  }

  /** Reads connections again whose publishes have waited for long: a PINGREQ may be behind them. */
  readOnStalled(nowMs: number): void {
    const { sessions, limits } = this.#options;
    for (const session of sessions) {
      const sinceMs = session.acks.oldestSinceMs;
      if (sinceMs !== undefined && nowMs - sinceMs >= limits.readOnAfterMs) readOn(session.client);
    }
  }

  /** Ends those too that never said CONNECT: a listener closes only when the last of its sockets has. */
  destroyAll(): void {
    for (const connection of this.#attached) connection.destroy();
  }

  #open(client: Client): void {
    const { sessions, counts, presence, gate, log } = this.#options;
    const session = sessions.of(client);
    if (session === undefined || client.conn.destroyed) return;
    counts.connected++;
    if (sessions.open(session)) presence.online(session.device.id);
    rewriteUnsubscribes(client, (filter) => mounted(session.mount, filter));
    guardKeepAlive(client, () => session.acks.count === 0 && !gate.holds(client.conn));
    log.debug({ deviceId: session.device.id, clientId: session.clientId }, "device connected");
    client.conn.once("close", () => this.#closed(session));
  }

  #closed(session: Session): void {
    const { sessions, presence, gate, log } = this.#options;
    gate.forget(session.client.conn);
    if (sessions.close(session)) presence.offline(session.device.id);
    log.debug({ deviceId: session.device.id, clientId: session.clientId }, "device disconnected");
  }

  #tooLarge(client: Client, bytes: number): Error {
    const { sessions, counts, log } = this.#options;
    counts.packetsTooLarge++;
    log.warn({ deviceId: sessions.of(client)?.device.id, bytes }, "packet too large, connection closed");
    return new Error(`packet of ${bytes} bytes is too large`);
  }
}
