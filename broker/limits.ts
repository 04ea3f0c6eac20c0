// Every bound of the front door, in one place: sizes, counts and times.
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "#devices/time";
import { LOCK_OUT_BOUNDS, type LockOutBounds } from "./lock-out.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

export type BrokerLimits = {
  /** Largest MQTT packet before the CONNECT was accepted: a client id, a will, a secret. */
  readonly connectPacketBytesMax: number;
  /** Largest MQTT packet of a device that is connected. A Zigbee bridge tells of all its devices in one: some 10 KiB each. */
  readonly packetBytesMax: number;
  readonly connectionCountMax: number;
  readonly connectionsPerDeviceMax: number;
  /** A socket that sent no CONNECT by then is closed. */
  readonly connectWithinMs: number;
  /** An answer from the store that takes longer counts as "server unavailable". */
  readonly authenticateWithinMs: number;
  /** A longer keep-alive, or none, is shortened to this (3.1.2.10 leaves the server that right). */
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
  /** Credentials are asked of the store at most this often, many at once. */
  readonly lookUpEveryMs: number;
  readonly lookUpCountMax: number;
  /** Credentials that wait for the store's answer; one more is refused ("server unavailable"). */
  readonly lookUpWaitingMax: number;
  /** How often the credential of an active connection is verified again. */
  readonly reverifyAfterMs: number;
  /** What is buffered for a client that does not read: above it, or for longer than the time, it is disconnected. */
  readonly clientBufferBytesMax: number;
  readonly clientDrainWithinMs: number;
  /** Subscriptions of one connection; one more is answered with 128. */
  readonly filtersPerConnectionMax: number;
  /**
   * Publishes of QoS 2 of one connection that wait for their PUBREL, some 300 bytes each: one more closes it. Clients
   * that wait for nothing send hundreds before the first PUBREC, and their PUBRELs come behind all of them.
   */
  readonly handshakesPerConnectionMax: number;
  /** How often the store is asked what changed about devices, and what of commands is left to do. */
  readonly changesEveryMs: number;
  /** How often this broker says that it runs, and after what silence another one counts as dead. */
  readonly pulseEveryMs: number;
  readonly brokerSilentMs: number;
  /** How often presence is written. */
  readonly presenceEveryMs: number;
  /** Sustained messages a second, 4 KiB of payload counting like one more; who is over it is read more slowly. */
  readonly deviceRateMax: number;
  readonly buildingRateMax: number;
  /** Seconds of that rate that somebody who was silent may send at once: what a device kept while it was offline. */
  readonly rateBurstS: number;
  /** Sustained packets a second that belong to no message, 64 bytes of one counting like one more, and how many at once. */
  readonly deviceControlRateMax: number;
  readonly deviceControlBurst: number;
  /** Sustained CONNECTs a second with the right credential, and how many at once; above, "server unavailable". */
  readonly deviceConnectRateMax: number;
  readonly deviceConnectBurst: number;
  readonly buildingConnectRateMax: number;
  readonly buildingConnectBurst: number;
  readonly lockOut: LockOutBounds;
};

export const DEFAULT_LIMITS: BrokerLimits = {
  connectPacketBytesMax: 16 * KIB,
  packetBytesMax: MIB,
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
  lookUpEveryMs: 50,
  lookUpCountMax: 1000,
  lookUpWaitingMax: 40_000,
  reverifyAfterMs: MINUTE_MS,
  filtersPerConnectionMax: 256,
  handshakesPerConnectionMax: 1000,
  clientBufferBytesMax: MIB,
  clientDrainWithinMs: 10 * SECOND_MS,
  changesEveryMs: SECOND_MS,
  pulseEveryMs: 5 * SECOND_MS,
  brokerSilentMs: 30 * SECOND_MS,
  presenceEveryMs: SECOND_MS,
  deviceRateMax: 2000,
  buildingRateMax: 20_000,
  rateBurstS: 50,
  deviceControlRateMax: 100,
  deviceControlBurst: 2000,
  deviceConnectRateMax: 20,
  deviceConnectBurst: 1000,
  buildingConnectRateMax: 500,
  buildingConnectBurst: 20_000,
  lockOut: LOCK_OUT_BOUNDS,
};
