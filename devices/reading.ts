// What a decoder is: bytes of one message in, observations and rejections out, nothing else.
import type { Decimal } from "#devices/decimal";
import type { Carrier, ClockSource, Direction, QuarantineReason, RegisterKind } from "#devices/vocabulary";

/** One measured quantity as the device itself names it. Decoders intern these: the same register is the same object. */
export type RegisterSpec = {
  /** As the device names it: an OBIS code without spaces (`1-0:1.8.1`), or a SenML name. */
  readonly name: string;
  /** The serial number of the meter behind it, or "" where the message names none. */
  readonly equipmentId: string;
  readonly carrier: Carrier | null;
  /** `energy`, `volume`, `power`, `max-demand`, `voltage`, `current`, `temperature`… */
  readonly quantity: string;
  /** As the payload declares it: `kWh`, `m3`, `W`… */
  readonly unit: string;
  readonly kind: RegisterKind;
  readonly tariff: string | null;
  readonly direction: Direction | null;
  /** Storage policy: at most one reading in this many seconds is kept; 0 keeps all. */
  readonly keepEveryS: number;
  /**
   * The family repeats its last known value with every message: only a value other than the one before is a reading. Without a
   * time of its own such a copy would claim that nothing flowed since.
   */
  readonly onChange?: boolean;
  /** The family's format has no place for a time: an index without one takes the broker's, and its clock says so. */
  readonly timedByBroker?: boolean;
};

export type Observation = {
  readonly register: RegisterSpec;
  /** As received, a decimal string. */
  readonly value: Decimal;
  /** Milliseconds since 1970 UTC; `undefined` where the payload carries no time of its own. */
  readonly observedAtMs: number | undefined;
  readonly clock: ClockSource;
};

/** A part of the message that could not be used. `detail` is one English sentence for people, with the value. */
export type Rejection = { readonly reason: QuarantineReason; readonly detail: string };

/**
 * What a message says about messages to come: a birth certificate, a description, a discovery. Kept with the device, durably,
 * before the message is acknowledged; the next message is decoded with it.
 */
export type Fact = {
  /** 1 to 256 characters of storable text; the same key replaces. */
  readonly key: string;
  /** At most 16,384 characters of storable text. */
  readonly value: string;
};

/** A message that the device should get: at most one of the same topic and device a minute is sent. */
export type DeviceRequest = { readonly topic: string; readonly payload: Uint8Array };

export type Decoded = {
  readonly observations: readonly Observation[];
  readonly rejections: readonly Rejection[];
  readonly facts?: readonly Fact[];
  readonly requests?: readonly DeviceRequest[];
};

export type DecodeContext = {
  /** The topic without the device's mount. */
  readonly topic: string;
  readonly receivedAtMs: number;
  /** IANA zone of the building, for payloads that carry local time. */
  readonly timezone: string;
  /** As registered; `null` where nobody said. */
  readonly expectedIntervalS: number | null;
  /** Of messages before this one, by key. A decoder never changes it: it returns `facts`. */
  readonly facts?: ReadonlyMap<string, string>;
  /**
   * What the family remembers of this device between messages while the process runs: hints, such as the last sequence number.
   * May be empty at any moment, and must be bounded by who writes into it.
   */
  readonly recent?: Map<string, unknown>;
};

/** Total: never throws, whatever the bytes. Its answer depends on nothing but its arguments, and it changes nothing but `recent`. */
export type Decoder = (payload: Uint8Array, context: DecodeContext) => Decoded;
