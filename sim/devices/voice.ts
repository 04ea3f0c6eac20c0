// What the voices of all families share: a meter's registers as they are shown, the device's clock, and messages made of both.
import { HOUR_MS, MINUTE_MS } from "#devices/time";
import type { Decimal } from "#devices/decimal";
import type { ProfileId } from "#devices/vocabulary";
import type { DeviceClock, Moment } from "../story/device-clock.ts";
import type { FaultKind } from "../story/fault-kinds.ts";
import type { Delivery, Numbered, Telling, Voice } from "../story/story.ts";

/** A register as its meter shows it. */
export type MeterRegister = {
  readonly series: string;
  /** Whole Wh or litres. */
  readonly shownAt: (trueMs: number) => number;
  /** Mean of the minute before: W, or litres an hour. */
  readonly rateAt: (trueMs: number) => number;
};

export type VoiceInput = {
  /** Key of the device in its story. */
  readonly device: string;
  /** Ten digits: what serial numbers and addresses are made of. */
  readonly serial: string;
  readonly seed: number;
  readonly timezone: string;
  readonly clock: DeviceClock;
  /** Pause between two messages. */
  readonly stepMs: number;
  readonly qos: 0 | 1 | 2;
  /** What is metered, all tariffs together. */
  readonly main: MeterRegister;
  /** What is fed in, where anything is. */
  readonly fedIn?: MeterRegister;
  /** How many meters hung there before this one. */
  readonly generationAt: (trueMs: number) => number;
  /** Faults of meter and clock that a message of this instant bears. */
  readonly marksAt: (trueMs: number) => readonly FaultKind[];
};

export type Utterance = {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly tells?: readonly Telling[];
  readonly retain?: boolean;
  readonly introduces?: boolean;
  readonly numbered?: Numbered;
};

/** `say`: what leaves together at a moment, in order; nothing where the device has nothing to say. */
export function voiceOf(
  profile: ProfileId,
  { device, qos, marksAt }: VoiceInput,
  momentsOf: (fromMs: number, toMs: number) => Iterable<Moment>,
  say: (moment: Moment, number: number) => readonly Utterance[],
): Voice {
  return {
    profile,
    *deliveries(fromMs, toMs) {
      let number = 0;
      for (const moment of momentsOf(fromMs, toMs)) {
        const marks = marksAt(moment.trueMs);
        for (const utterance of say(moment, number++)) {
          const { topic, payload, tells = [], retain = false, introduces = false, numbered } = utterance;
          const delivery: Delivery = {
            device,
            topic,
            payload: Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength),
            qos,
            retain,
            dup: false,
            leavesAtMs: moment.trueMs,
            tells,
            marks,
          };
          yield { ...delivery, ...(introduces && { introduces }), ...(numbered && { numbered }) };
        }
      }
    },
  };
}

/** At every step of the device's clock. */
export const steadily =
  ({ clock, stepMs }: VoiceInput) =>
  (fromMs: number, toMs: number): Iterable<Moment> =>
    clock.moments(stepMs, fromMs, toMs);

/** What a description says is said again this often, as whoever restarts does. */
export const DESCRIBED_EVERY_MS = 6 * HOUR_MS;

export const isFirstOf = (everyMs: number, { claimedMs }: Moment, stepMs: number, number: number): boolean =>
  number === 0 || claimedMs % everyMs < stepMs;

/** `15758` as `15.758`: kWh of Wh, m³ of litres. */
export function thousandths(units: number): Decimal {
  const digits = String(units).padStart(4, "0");
  return `${digits.slice(0, -3)}.${digits.slice(-3)}`;
}

export function telling(
  { series }: MeterRegister,
  observedAtMs: number,
  register: string,
  value: Decimal,
): Telling {
  return { series, observedAtMs, register, value };
}

/** A register over the true index. */
export function meterRegister(
  series: string,
  indexAt: (ms: number) => number,
  shownAt: (ms: number) => number,
): MeterRegister {
  const rateAt = (ms: number) => ((indexAt(ms) - indexAt(ms - MINUTE_MS)) * HOUR_MS) / MINUTE_MS;
  return { series, shownAt, rateAt };
}
