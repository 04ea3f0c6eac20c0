// One message as the broker hands it over.
import type { Observation } from "#devices/reading";
import { NO_DEVICE_ID, type DeviceContext, type RawMessage } from "#store";

export type IngestMessage = {
  readonly device: DeviceContext;
  /** As the device gave it; kept with what goes to quarantine. */
  readonly clientId: Buffer | string;
  /** Without the device's mount. */
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: 0 | 1 | 2;
  readonly retained: boolean;
  /**
   * A broker of somebody else kept it and delivered it on subscribing: what carries no time of its own says nothing of now.
   * `retained` alone does not tell: our own broker hands on the publisher's flag of a message that is new.
   */
  readonly old?: boolean;
  /** The broker's clock, milliseconds since 1970. */
  readonly receivedAtMs: number;
  /** Its number in this process, for logs and quarantine (`traceId`). */
  readonly trace?: number;
  /** What is known of who spoke through the device, where nobody has claimed them: kept with the message in quarantine. */
  readonly unclaimed?: NonNullable<RawMessage["unclaimed"]>;
  /** The quarantine row out of which it is read again: settled by the commit that stores the message, whole. */
  readonly replayOf?: number;
  /** Of a message that is read again: whether this value of it is a reading already. */
  readonly isStored?: (observation: Observation) => boolean;
};

/** Stands for the device of a message whose topic names none that is known: it goes to quarantine as it is. */
export const NO_DEVICE: DeviceContext = {
  id: NO_DEVICE_ID,
  buildingId: 0,
  profile: "senml",
  expectedIntervalS: null,
  timezone: "UTC",
  parentId: null,
};
