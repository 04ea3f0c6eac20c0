// The long way of a publish, through aedes: what its device listens to itself, QoS 2, and wills.
import type { Client } from "aedes";
import {
  awaitsRelease,
  handshakeOf,
  isWill,
  refreshKeepAlive,
  type PublishPacket,
} from "./aedes-internals.ts";
import type { Counts } from "./counts.ts";
import { mounted, publishFault } from "./mount.ts";
import type { PublishIntake } from "./publish-intake.ts";
import type { ReadGate } from "./read-gate.ts";
import type { Session, Sessions } from "./session.ts";

type Options = {
  readonly intake: PublishIntake;
  readonly sessions: Sessions;
  readonly counts: Counts;
  readonly gate: Pick<ReadGate, "isClosing">;
};

type Callback = (error?: Error | null) => void;

/**
 * aedes' `authorizePublish`, the only hook before the PUBACK. An error closes the connection, so it is kept for what
 * the protocol forbids; a payload that cannot be read is ingest's business and is acknowledged like any other.
 *
 * What is lost if the process dies: before the commit nothing was acknowledged, the device sends again; after the
 * commit and before the PUBACK it sends again too, and the store recognises the redelivery.
 */
export function createAcceptPublish({ intake, sessions, counts, gate }: Options) {
  return function acceptPublish(client: Client | null, packet: PublishPacket, callback: Callback): void {
    const session = client === null ? undefined : sessions.of(client);
    if (client === null || session === undefined) return callback(new Error("publish without a session"));
    const fault = publishFault(packet.topic);
    if (fault !== undefined) {
      counts.publishesRefused++;
      return callback(new Error(`publish refused: ${fault}`));
    }
    const will = isWill(client, packet);
    // It says that a device is gone, but it is we who go; or nobody may speak in its name any more.
    if (will && (gate.isClosing || session.ended)) return callback(new Error("will withheld"));

    const { topic, qos, retain } = packet;
    const message = intake.receive(session, topic, bytesOf(packet.payload), qos, retain, intake.now());
    packet.topic = mounted(session.mount, topic);
    packet.payload = message.payload; // aedes holds it as long.
    packet.retain = false; // Telemetry is not retained: a subscriber would take an old value for a new one.
    if (will) return intake.takeWill(message, () => callback(null));
    if (qos === 0) {
      intake.takeUnanswered(message);
      return callback(null);
    }
    const handshake = handshakeOf(packet);
    if (handshake !== undefined && isRepeat(client, session, handshake)) {
      // Answered and not taken in again [MQTT-4.3.3-2]: in its turn, and after aedes noted the first.
      return intake.answerRepeat(session, message, () => void setImmediate(callback, null));
    }
    if (handshake !== undefined) session.handshakes.add(handshake);
    intake.take(session, message, () => {
      if (session.acks.count === 0) refreshKeepAlive(client);
      // Once aedes has noted it itself.
      if (handshake !== undefined) setImmediate(() => session.handshakes.delete(handshake));
      session.pubacks.flush(); // Those before it on the short way leave before it [MQTT-4.6.0-2].
      callback(null);
    });
  };
}

function isRepeat(client: Client, session: Session, handshake: number): boolean {
  return session.handshakes.has(handshake) || awaitsRelease(client, handshake);
}

function bytesOf(payload: string | Buffer): Buffer {
  return typeof payload === "string" ? Buffer.from(payload) : payload;
}
