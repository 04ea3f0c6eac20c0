// What a device may hear: only its own mount, under the names that it knows.
import type { AedesPublishPacket, Client, Subscription } from "aedes";
import { mounted, subscribeFault, unmounted } from "./mount.ts";
import { grantedQos, type Session, type Sessions } from "./session.ts";

/** aedes passes messages on with this at most; with how much is decided by what was granted, at each message. */
const PASSED_ON_QOS = 2;

/**
 * aedes' `authorizeSubscribe`: moves the filter into the mount; null answers 128, failure [MQTT-3.9.3-2]. `listening` is
 * told of a connection's first subscription, before it can hear anything.
 */
export function createAuthorizeSubscribe(
  sessions: Sessions,
  filtersPerConnectionMax: number,
  listening: (session: Session) => void,
) {
  return function authorizeSubscribe(
    client: Client,
    subscription: Subscription,
    callback: (error: Error | null, granted?: Subscription | null) => void,
  ): void {
    const session = sessions.of(client);
    const { topic: filter, qos } = subscription;
    if (session === undefined || subscribeFault(filter) !== undefined) return callback(null, null);
    const { granted } = session;
    if (granted.size >= filtersPerConnectionMax && !granted.has(filter)) return callback(null, null);
    if (session.sent === undefined) listening(session);
    granted.set(filter, qos);
    subscription.topic = mounted(session.mount, filter);
    callback(null, { ...subscription, qos: PASSED_ON_QOS });
  };
}

/** aedes' `authorizeForward`: strips the mount; what lies outside of it is not delivered. */
export function createAuthorizeForward(sessions: Sessions) {
  return function authorizeForward(client: Client, packet: AedesPublishPacket): AedesPublishPacket | null {
    const session = sessions.of(client);
    const topic = session === undefined ? undefined : unmounted(session.mount, packet.topic);
    if (session === undefined || topic === undefined) return null;
    // aedes would take the quality of the filter that it met first, and knows none of a wildcard's [MQTT-3.3.5-1].
    const granted = grantedQos(session, topic);
    if (granted === undefined) return null;
    packet.topic = topic;
    if (packet.qos > granted) packet.qos = granted;
    return packet;
  };
}
