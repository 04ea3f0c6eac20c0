// The way between a device and its broker, with its faults: bursts are lost, sent again, overtaken, cut; spells of silence. Pure.
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "#devices/time";
import { createRandom, derive } from "../world/random.ts";
import { drawSpells, type Span, type Spell } from "./draw-faults.ts";
import type { FaultKind, FaultRates } from "./fault-kinds.ts";
import type { Delivery } from "./story.ts";

export type WayOptions = Span & {
  readonly rates: FaultRates;
  readonly seed: number;
  /** The device keeps what it could not send, and sends it afterwards. */
  readonly keeps: boolean;
  /**
   * Its messages have times of their own. Where they have none, nothing may leave later than it was said: it would be dated then.
   */
  readonly timed: boolean;
};

/** What leaves at one instant, in order: a telegram split over topics is one. */
type Burst = readonly Delivery[];

/** What is kept while there is no connection leaves this fast afterwards. */
const CATCH_UP_PAUSE_MS = 50;

/** Of one device. */
export function withWayFaults(deliveries: Iterable<Delivery>, options: WayOptions): Delivery[] {
  const { rates, seed, timed } = options;
  const odds = (kind: FaultKind) => rates.get(kind) ?? 0;
  const spells = drawSpells(rates, options, seed);
  let bursts = inSpells(burstsOf(deliveries), spells, options);
  bursts = lost(bursts, odds("loss"), derive(seed, "loss"));
  bursts = corrupted(bursts, odds("corruption"), derive(seed, "corruption"));
  bursts = doubled(bursts, odds("duplicates"), timed, derive(seed, "duplicates"));
  if (timed) bursts = overtaken(bursts, odds("reorder"), derive(seed, "reorder"));
  return inOrder(bursts);
}

function* burstsOf(deliveries: Iterable<Delivery>): Generator<Burst> {
  let burst: Delivery[] = [];
  for (const delivery of deliveries) {
    if (burst[0] !== undefined && burst[0].leavesAtMs !== delivery.leavesAtMs) {
      yield burst;
      burst = [];
    }
    burst.push(delivery);
  }
  if (burst.length > 0) yield burst;
}

/** Later, each after the one before, and with what was done to it. */
function moved(burst: Burst, leavesAtMs: number, mark: FaultKind, dup = false): Burst {
  return burst.map((delivery) => ({
    ...delivery,
    leavesAtMs,
    dup: delivery.dup || dup,
    marks: delivery.marks.includes(mark) ? delivery.marks : [...delivery.marks, mark],
  }));
}

function* inSpells(
  bursts: Iterable<Burst>,
  spells: readonly Spell[],
  { keeps, timed }: WayOptions,
): Generator<Burst> {
  const kept = new Map<Spell, number>();
  for (const burst of bursts) {
    const atMs = burst[0]?.leavesAtMs ?? 0;
    const spell = spells.find(({ fromMs, toMs }) => atMs >= fromMs && atMs < toMs);
    if (spell === undefined) yield burst;
    // Tried with a secret that is none any more: the broker refuses it.
    else if (spell.kind === "revoked") yield moved(burst, atMs, "revoked");
    else if (timed && (spell.kind === "late" || keeps)) {
      const count = kept.get(spell) ?? 0;
      kept.set(spell, count + 1);
      yield moved(burst, spell.untilMs + count * CATCH_UP_PAUSE_MS, spell.kind);
    } else yield* introductionOf(burst);
  }
}

/** What a device says of itself it says again when it comes back, so of a burst that is lost this much is not. */
function introductionOf(burst: Burst): Burst[] {
  const introducing = burst.filter(({ introduces }) => introduces === true);
  return introducing.length > 0 ? [introducing] : [];
}

function* lost(bursts: Iterable<Burst>, odds: number, seed: number): Generator<Burst> {
  const random = createRandom(seed);
  for (const burst of bursts) {
    if (random.next() >= odds) yield burst;
    else yield* introductionOf(burst);
  }
}

/** One message of the burst, so that nothing can be read from it: nothing that was told by it is told. */
function* corrupted(bursts: Iterable<Burst>, odds: number, seed: number): Generator<Burst> {
  const random = createRandom(seed);
  for (const burst of bursts) {
    const hit = random.next() < odds ? random.below(burst.length) : -1;
    yield burst.map((delivery, at) =>
      at === hit && delivery.introduces !== true
        ? {
            ...delivery,
            payload: damaged(delivery.payload, random.next()),
            tells: [],
            marks: [...delivery.marks, "corruption"],
          }
        : delivery,
    );
  }
}

/**
 * So that nothing can be read: a text of structure is cut, a telegram bitten within its checksum, a bare number no number any more,
 * and CBOR and protobuf begin with what nothing may begin with.
 */
function damaged(payload: Buffer, chance: number): Buffer {
  const first = String.fromCharCode(payload[0] ?? 0);
  const place = 1 + Math.floor(chance * Math.max(0, payload.length - 16));
  if (first === "{" || first === "[") return payload.subarray(0, place);
  if (payload.length < 24) return Buffer.from("\u0000?");
  const bitten = Buffer.from(payload);
  if (first === "/") bitten[place] = (bitten[place] ?? 0) ^ 1;
  else bitten[0] = 0xff;
  return bitten;
}

const AGAIN_LATER_MAX_MS = HOUR_MS;

/** As the protocol does after a connection is lost, with the flag; or by the device, as if it were new. */
function* doubled(bursts: Iterable<Burst>, odds: number, timed: boolean, seed: number): Generator<Burst> {
  const random = createRandom(seed);
  for (const burst of bursts) {
    yield burst;
    if (random.next() >= odds) continue;
    const dup = random.next() < 0.5;
    const laterMs = timed ? Math.floor(random.next() * AGAIN_LATER_MAX_MS) : SECOND_MS;
    yield moved(burst, (burst[0]?.leavesAtMs ?? 0) + laterMs, "duplicates", dup);
  }
}

const OVERTAKEN_MAX_MS = 30 * MINUTE_MS;

function* overtaken(bursts: Iterable<Burst>, odds: number, seed: number): Generator<Burst> {
  const random = createRandom(seed);
  for (const burst of bursts) {
    const laterMs = random.next() < odds ? Math.ceil(random.next() * OVERTAKEN_MAX_MS) : 0;
    // Who introduces itself does so before it says anything.
    const stays = laterMs === 0 || burst.some(({ introduces }) => introduces === true);
    yield stays ? burst : moved(burst, (burst[0]?.leavesAtMs ?? 0) + laterMs, "reorder");
  }
}

/** By the time at which they leave; what leaves together stays as it was. */
function inOrder(bursts: Iterable<Burst>): Delivery[] {
  const timeOf = (burst: Burst) => burst[0]?.leavesAtMs ?? 0;
  return [...bursts].toSorted((a, b) => timeOf(a) - timeOf(b)).flat();
}
