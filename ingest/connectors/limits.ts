// Every bound of the connectors: sizes, counts and times.
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "#devices/time";
import type { BackOff } from "../upstream/back-off.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

export type ConnectorLimits = BackOff & {
  /** What one process holds at most; more wait for another one. */
  readonly countMax: number;
  /** Taken at once, so that several processes share what is free, and a thousand do not connect in one moment. */
  readonly takeMax: number;
  /** How often this process says that it runs, takes what is free and hears of changes. */
  readonly lookEveryMs: number;
  /** What a process held that has not said so for this long is free. */
  readonly leaseMs: number;
  /** How often the number of messages is written; how it goes there is written at once. */
  readonly reportEveryMs: number;
  /** Of one connector: above it, it is not read until its messages are committed. */
  readonly connectorBytesMax: number;
  /** Of all connectors of this process. */
  readonly unacknowledgedBytesMax: number;
  /** Of all that ingest has taken in, from wherever. */
  readonly ingestBytesMax: number;
  /** A larger packet ends the connection: the broker offers what no meter says. */
  readonly packetBytesMax: number;
  readonly keepAliveS: number;
  readonly connectWithinMs: number;
  /** Between attempts where a person has to mend something: a password that is wrong is not tried every minute. */
  readonly refusedBackOff: BackOff;
  /** A connection that lasted this long was a good one: the next attempt does not wait for those before it. */
  readonly steadyAfterMs: number;
  readonly leaveWithinMs: number;
  readonly deviceFreshMs: number;
  readonly unknownFreshMs: number;
  readonly deviceIdleMs: number;
  readonly unknownCountMax: number;
  readonly heardEveryMs: number;
};

export const DEFAULT_CONNECTOR_LIMITS: ConnectorLimits = {
  countMax: 5000,
  takeMax: 100,
  lookEveryMs: SECOND_MS,
  leaseMs: 15 * SECOND_MS,
  reportEveryMs: 10 * SECOND_MS,
  connectorBytesMax: MIB,
  unacknowledgedBytesMax: 16 * MIB,
  ingestBytesMax: 16 * MIB,
  packetBytesMax: MIB,
  keepAliveS: 60,
  connectWithinMs: 20 * SECOND_MS,
  backOffFirstMs: SECOND_MS,
  backOffMaxMs: MINUTE_MS,
  refusedBackOff: { backOffFirstMs: 10 * SECOND_MS, backOffMaxMs: 10 * MINUTE_MS },
  steadyAfterMs: 30 * SECOND_MS,
  leaveWithinMs: 2 * SECOND_MS,
  deviceFreshMs: 5 * SECOND_MS,
  unknownFreshMs: 5 * SECOND_MS,
  deviceIdleMs: HOUR_MS,
  unknownCountMax: 10_000,
  heardEveryMs: SECOND_MS,
};
