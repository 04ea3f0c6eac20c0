// The acknowledge path: a publish enters its device's mount, goes to ingest, and is answered after the commit.
import type { Client } from "aedes";
import type { TimeSource } from "#devices/time";
import type { Ingest } from "#ingest";
import { isWill, refreshKeepAlive, type PublishPacket } from "./aedes-internals.ts";
import type { Counts } from "./counts.ts";
import { mounted, publishFault } from "./mount.ts";
import type { ReadGate } from "./read-gate.ts";
import type { Session, Sessions } from "./session.ts";

/** What ingest has been given and is not done with: bytes, with an overhead per message. */
export type Backlog = { bytes: number };

type Options = {
  readonly ingest: Pick<Ingest, "accept">;
  readonly sessions: Sessions;
  readonly counts: Counts;
  readonly time: TimeSource;
  readonly backlog: Backlog;
  readonly gate: Pick<ReadGate, "isPressed" | "isClosing">;
  /** Called for every publish taken in. */
  readonly heard: (session: Session, nowMs: number) => void;
};

/** What an unanswered message costs beside its bytes, roughly: many empty ones are not free. */
const MESSAGE_OVERHEAD_BYTES = 200;

type Callback = (error?: Error | null) => void;

/**
 * aedes' `authorizePublish`, the only hook before the PUBACK. An error closes the connection, so it is kept for what
 * the protocol forbids; a payload that cannot be read is ingest's business and is acknowledged like any other.
 *
 * What is lost if the process dies: before the commit nothing was acknowledged, the device sends again; after the
 * commit and before the PUBACK it sends again too, and the store recognises the redelivery.
 */
export function createAcceptPublish(options: Options) {
  const { ingest, sessions, counts, time, backlog, gate } = options;
  return function acceptPublish(client: Client | null, packet: PublishPacket, callback: Callback): void {
    const session = client === null ? undefined : sessions.of(client);
    if (client === null || session === undefined) return callback(new Error("publish without a session"));
    const fault = publishFault(packet.topic);
    if (fault !== undefined) {
      counts.publishesRefused++;
      return callback(new Error(`publish refused: ${fault}`));
    }
    const will = isWill(client, packet);
    // It says that a device is gone, but it is we who go.
    if (will && gate.isClosing) return callback(new Error("stopping"));

    const nowMs = time.now();
    const message = {
      device: session.device,
      clientId: session.clientId,
      topic: packet.topic,
      payload: bytesOf(packet.payload),
      qos: packet.qos,
      retained: packet.retain,
      receivedAtMs: nowMs,
    };
    packet.topic = mounted(session.mount, packet.topic);
    packet.retain = false; // Telemetry is not retained: a subscriber would take an old value for a new one.
    counts.published[packet.qos]++;
    options.heard(session, nowMs);

    const bytes = message.payload.length + message.topic.length + MESSAGE_OVERHEAD_BYTES;
    const hand = (done: () => void): void => {
      backlog.bytes += bytes;
      ingest.accept(message, () => {
        backlog.bytes -= bytes;
        done();
      });
    };
    if (will) return hand(() => callback(null));
    if (packet.qos === 0) {
      if (gate.isPressed()) counts.qos0Dropped++;
      else hand(ignore);
      return callback(null);
    }
    hand(
      session.acks.hold(bytes, nowMs, () => {
        if (session.acks.count === 0) refreshKeepAlive(client);
        callback(null);
      }),
    );
  };
}

function bytesOf(payload: string | Buffer): Buffer {
  return typeof payload === "string" ? Buffer.from(payload) : payload;
}

function ignore(): void {
  // QoS 0 asks for no answer.
}
