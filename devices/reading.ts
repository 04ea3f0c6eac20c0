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

export type Decoded = {
  readonly observations: readonly Observation[];
  readonly rejections: readonly Rejection[];
};

export type DecodeContext = {
  /** The topic without the device's mount. */
  readonly topic: string;
  readonly receivedAtMs: number;
  /** IANA zone of the building, for payloads that carry local time. */
  readonly timezone: string;
  /** As registered; `null` where nobody said. */
  readonly expectedIntervalS: number | null;
};

/** Pure and total: never throws, whatever the bytes. */
export type Decoder = (payload: Uint8Array, context: DecodeContext) => Decoded;
