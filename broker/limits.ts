// Every bound of the front door, in one place: sizes, counts and times.
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "#devices/time";

const KIB = 1024;
const MIB = 1024 * KIB;

export type BrokerLimits = {
  /** Largest MQTT packet before the CONNECT was accepted: a client id, a will, a secret. */
  readonly connectPacketBytesMax: number;
  /** Largest MQTT packet of a device that is connected. */
  readonly packetBytesMax: number;
  readonly connectionCountMax: number;
  readonly connectionsPerDeviceMax: number;
  /** A socket that sent no CONNECT by then is closed. */
  readonly connectWithinMs: number;
  /** An answer from the store that takes longer counts as "server unavailable". */
  readonly authenticateWithinMs: number;
  /** A longer keep-alive, or none, is shortened to this [MQTT-3.1.2-24 leaves the server that right]. */
  readonly keepAliveMaxS: number;
  /** Above this, sockets are not read, new connections are refused and QoS 0 is dropped. */
  readonly unacknowledgedBytesMax: number;
  /** A publish that waits longer than this means that the store is away: new connections are refused. */
  readonly unacknowledgedAgeMaxMs: number;
  /** Unanswered payload bytes of one connection above which it is not read. */
  readonly connectionWindowBytes: number;
  /** A publish unanswered for this long makes the broker read on, so that a PINGREQ behind it is answered. */
  readonly readOnAfterMs: number;
  /** How long an accepted credential is accepted again without asking the store. */
  readonly credentialCacheMs: number;
  readonly credentialCacheCountMax: number;
  /** How often the credential of an active connection is verified again. */
  readonly reverifyAfterMs: number;
  /** How often presence is written. */
  readonly presenceEveryMs: number;
};

export const DEFAULT_LIMITS: BrokerLimits = {
  connectPacketBytesMax: 16 * KIB,
  packetBytesMax: 256 * KIB,
  connectionCountMax: 20_000,
  connectionsPerDeviceMax: 16,
  connectWithinMs: 10 * SECOND_MS,
  authenticateWithinMs: 5 * SECOND_MS,
  keepAliveMaxS: HOUR_MS / SECOND_MS,
  unacknowledgedBytesMax: 16 * MIB,
  unacknowledgedAgeMaxMs: 10 * SECOND_MS,
  connectionWindowBytes: 256 * KIB,
  readOnAfterMs: SECOND_MS,
  credentialCacheMs: 10 * SECOND_MS,
  credentialCacheCountMax: 20_000,
  reverifyAfterMs: MINUTE_MS,
  presenceEveryMs: SECOND_MS,
};
