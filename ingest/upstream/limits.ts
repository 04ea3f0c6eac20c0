// Every bound of the consumer of an external broker: sizes, counts and times.
import { DAY_MS, HOUR_MS, SECOND_MS } from "#devices/time";

const KIB = 1024;
const MIB = 1024 * KIB;

export type UpstreamLimits = {
  /** Messages that the broker may have sent and we not acknowledged: the MQTT 5 receive maximum, at most 65,535. */
  readonly receiveMaximum: number;
  /** What is larger the broker does not send [MQTT-3.1.2-24]; the same that our own broker takes. */
  readonly packetBytesMax: number;
  /** Above this nothing more is taken off the connection, whatever the receive maximum would still allow. */
  readonly unacknowledgedBytesMax: number;
  /** How long the broker keeps what came while this consumer was away. */
  readonly sessionExpiryS: number;
  readonly keepAliveS: number;
  readonly connectWithinMs: number;
  readonly backOffFirstMs: number;
  readonly backOffMaxMs: number;
  /** A connection that lasted this long was a good one: the next attempt does not wait for those before it. */
  readonly steadyAfterMs: number;
  /** A device's profile, interval and building are asked for again after this long, while its messages go on. */
  readonly deviceFreshMs: number;
  /** A device that is not known is asked for again after this long. */
  readonly unknownFreshMs: number;
  /** A device that was silent for this long leaves the memory. */
  readonly deviceIdleMs: number;
  /** Unknown devices that are remembered as such. */
  readonly unknownCountMax: number;
  /** How often it is looked after whether our consumer slot is still ours. */
  readonly slotEveryMs: number;
  /** How often it is written which devices were heard. */
  readonly heardEveryMs: number;
};

export const DEFAULT_UPSTREAM_LIMITS: UpstreamLimits = {
  receiveMaximum: 8192,
  packetBytesMax: MIB,
  unacknowledgedBytesMax: 16 * MIB,
  sessionExpiryS: (7 * DAY_MS) / SECOND_MS,
  keepAliveS: 30,
  connectWithinMs: 10 * SECOND_MS,
  backOffFirstMs: 250,
  // Consumers are few, and a Mosquitto that has restarted keeps nothing for them until they are back.
  backOffMaxMs: 5 * SECOND_MS,
  steadyAfterMs: 10 * SECOND_MS,
  deviceFreshMs: 30 * SECOND_MS,
  unknownFreshMs: 5 * SECOND_MS,
  deviceIdleMs: HOUR_MS,
  unknownCountMax: 10_000,
  slotEveryMs: 5 * SECOND_MS,
  heardEveryMs: SECOND_MS,
};
