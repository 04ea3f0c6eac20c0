// What a device may hear: only its own mount, under the names that it knows.
import type { AedesPublishPacket, Client, Subscription } from "aedes";
import { mounted, subscribeFault, unmounted } from "./mount.ts";
import type { Sessions } from "./session.ts";

type Qos = 0 | 1 | 2;

/** aedes' `authorizeSubscribe`: moves the filter into the mount; null answers 128, failure [MQTT-3.9.3-2]. */
export function createAuthorizeSubscribe(sessions: Sessions) {
  return function authorizeSubscribe(
    client: Client,
    subscription: Subscription,
    callback: (error: Error | null, granted?: Subscription | null) => void,
  ): void {
    const session = sessions.of(client);
    if (session === undefined || subscribeFault(subscription.topic) !== undefined)
      return callback(null, null);
    session.grantedQos = atLeast(session.grantedQos, subscription.qos);
    subscription.topic = mounted(session.mount, subscription.topic);
    callback(null, subscription);
  };
}

/** aedes' `authorizeForward`: strips the mount; what lies outside of it is not delivered. */
export function createAuthorizeForward(sessions: Sessions) {
  return function authorizeForward(client: Client, packet: AedesPublishPacket): AedesPublishPacket | null {
    const session = sessions.of(client);
    const topic = session === undefined ? undefined : unmounted(session.mount, packet.topic);
    if (session?.grantedQos === undefined || topic === undefined) return null;
    packet.topic = topic;
    // aedes looks the granted quality up under the topic, which never finds a wildcard [MQTT-3.8.4-6].
    if (packet.qos > session.grantedQos) packet.qos = session.grantedQos;
    return packet;
  };
}

function atLeast(granted: Qos | undefined, asked: Qos): Qos {
  return granted !== undefined && granted > asked ? granted : asked;
}
