// What a building's devices say and what befalls them, as data: a pure function of seed and start, the same for both clocks.
//
//   oracle ─▶ meter and its faults ─▶ voice of a family ─▶ faults of the way ─▶ deliveries ─▶ the product ─▶ verdict
//                     └───────── mishaps ────────────────────────┴──────────────────────────────────▶ ┘
import type { Decimal } from "#devices/decimal";
import type { Carrier, Direction, ProfileId } from "#devices/vocabulary";
import type { FaultKind } from "./fault-kinds.ts";

/** What is told of the world: one value of one register at one instant. The registers of a series add up to it. */
export type Telling = {
  /** Key of a `Series`. */
  readonly series: string;
  /** The instant that the message gives, which a wrong clock puts wrong; where it gives none, when it leaves. */
  readonly observedAtMs: number;
  /** As the product names it: `1-0:1.8.1`. */
  readonly register: string;
  /** As the message writes it. */
  readonly value: Decimal;
};

/** A message as it leaves a device, or would leave it. */
export type Delivery = {
  /** Key of a `StoryDevice`. */
  readonly device: string;
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: 0 | 1 | 2;
  readonly retain: boolean;
  /** The protocol's flag of a redelivery. */
  readonly dup: boolean;
  /** True time at which it leaves; the deliveries of a stream come in this order. */
  readonly leavesAtMs: number;
  /** Nothing, where no value can be read from it. */
  readonly tells: readonly Telling[];
  /** What was done to it and to the meter behind it: names of faults, for the report. */
  readonly marks: readonly FaultKind[];
  /** A birth, a description, a discovery: without it what follows cannot be read, so the faults of the way spare it. */
  readonly introduces?: boolean;
  /** Of a Sparkplug node. */
  readonly numbered?: Numbered;
};

/** A message that is numbered since its sender was born, and that can be that birth itself. */
export type Numbered = {
  /** Within the story; the story's own births are among them. */
  readonly number: number;
  readonly isBirth: boolean;
  /** The same, said so many messages after a birth; 0 is a birth. */
  readonly since: (count: number) => Pick<Delivery, "topic" | "payload">;
};

/** A device's habits: P1 each 10 s, hourly M-Bus, LoRaWAN bursts, Zigbee repeats, store-and-forward… Pure. */
export type Voice = {
  readonly profile: ProfileId;
  /** Those that leave in `[fromMs, toMs)`, in order. */
  deliveries(fromMs: number, toMs: number): Iterable<Delivery>;
};

/**
 * What happened to a meter or its clock while it told a series. Within `[fromMs, toMs)` a quarter-hour may be healed exactly, or
 * must say that it is missing or estimated. What was never told needs no mishap: the verdict sees what was acknowledged.
 */
export type Mishap = {
  readonly kind: FaultKind;
  readonly device: string;
  readonly series: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** Of a clock: how far it is ahead of true time. */
  readonly shiftMs?: number;
};

/** One direction of a supply point, as the world knows it. */
export type Series = {
  /** Within the story. */
  readonly key: string;
  /** Key of the supply point in the site plan. */
  readonly supplyPoint: string;
  readonly carrier: Carrier;
  readonly direction: Direction;
  /** The index at an instant, all tariffs together, as finely as the meter counts: Wh, of water and gas litres. */
  readonly indexAt: (instantMs: number) => number;
  /** The format has no place for a time: a reading is dated by its arrival, so long after it was taken at most. */
  readonly datedWithinMs: number;
  /** Only a value other than the one before is a reading: its index may have been where it is since the last one. */
  readonly onChange: boolean;
};

/** A device as it is registered. */
export type StoryDevice = {
  readonly key: string;
  readonly name: string;
  readonly profile: ProfileId;
  readonly expectedIntervalS: number;
  /** Keys of supply points in the site plan. */
  readonly supplyPoints: Readonly<Partial<Record<Carrier, string>>>;
};

/** One building's story over `[fromMs, toMs)`. */
export type Story = {
  readonly fromMs: number;
  readonly toMs: number;
  readonly devices: readonly StoryDevice[];
  readonly series: ReadonlyMap<string, Series>;
  /** By key of the device. */
  readonly voices: ReadonlyMap<string, Voice>;
  readonly mishaps: readonly Mishap[];
  /** Of all voices, merged, after the faults of the way. */
  deliveries(): Iterable<Delivery>;
};
