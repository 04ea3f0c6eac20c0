// What a meter shows of what was used: set back, counted past its last digit, exchanged, and for moments plainly wrong. Pure.
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "#devices/time";
import type { MeterFaultKind } from "./fault-kinds.ts";

export type MeterFault = {
  readonly kind: MeterFaultKind;
  readonly fromMs: number;
  /** Exclusive. Of what happens in an instant (`reset`, `rollover`, `swap`) a second later; a counter is full from the first on. */
  readonly toMs: number;
  /** Of the meter that is put in: what it shows then. */
  readonly opening?: number;
};

export type MeterFace = {
  /**
   * A register of the meter: whole Wh or litres shown, of those that were used. `capacity`: one above what its digits hold; only
   * one register of a meter turns at once.
   */
  readonly register: (indexAt: (ms: number) => number, capacity?: number) => (ms: number) => number;
  /** Whether the fault shows on this register. */
  readonly strikes: (fault: MeterFault, indexAt: (ms: number) => number, capacity?: number) => boolean;
  /** How many meters hung here before this one. */
  readonly generationAt: (ms: number) => number;
  /** The faults that a message of this instant bears. */
  readonly marksAt: (ms: number) => MeterFaultKind[];
};

/** A 32-bit counter with all bits set. */
const ALL_BITS = 0xff_ff_ff_ff;
const SLIP = 1000;

export function createMeterFace(faults: readonly MeterFault[]): MeterFace {
  const inOrder = faults.filter((fault) => !hidesSwap(fault, faults)).toSorted((a, b) => a.fromMs - b.fromMs);
  const passing = inOrder.filter(({ kind }) => kind === "glitch" || kind === "sentinel" || kind === "slip");
  const lasting = (indexAt: (ms: number) => number, capacity: number | undefined) => {
    let shown = indexAt;
    for (const [at, fault] of inOrder.entries()) {
      const next = withLasting(shown, fault, capacity);
      // A counter that will turn shows another index before: its earlier steps must not look like what they are not.
      const looksSlipped = ({ fromMs }: MeterFault) => isAsIfSlipped(next(fromMs - 1), next(fromMs));
      if (fault.kind !== "rollover" || !inOrder.slice(0, at).some(looksSlipped)) shown = next;
    }
    return shown;
  };
  return {
    register: (indexAt, capacity) => {
      const shown = lasting(indexAt, capacity);
      return (ms) => {
        const fault = passing.findLast(({ fromMs, toMs }) => ms >= fromMs && ms < toMs);
        if (fault?.kind === "glitch") return 0;
        if (fault?.kind === "sentinel") return ALL_BITS;
        return fault?.kind === "slip" && canSlip(shown, fault) ? SLIP * shown(ms) : shown(ms);
      };
    },
    strikes: (fault, indexAt, capacity) =>
      inOrder.includes(fault) && (fault.kind !== "slip" || canSlip(lasting(indexAt, capacity), fault)),
    generationAt: (ms) => inOrder.filter(({ kind, fromMs }) => kind === "swap" && fromMs <= ms).length,
    marksAt: (ms) =>
      inOrder.filter(({ fromMs, toMs }) => ms >= fromMs && ms < toMs + SECOND_MS).map(({ kind }) => kind),
  };
}

/** So long after a nought a meter must have shown what it should before another takes its place. */
const SHOWN_AGAIN_MS = 2 * HOUR_MS;

/** Nought as the last of a meter, and then what another shows: that was set back and counted, as far as anybody can tell. */
function hidesSwap({ kind, fromMs, toMs }: MeterFault, faults: readonly MeterFault[]): boolean {
  return (
    kind === "glitch" &&
    faults.some(
      (other) => other.kind === "swap" && other.fromMs >= fromMs && other.fromMs < toMs + SHOWN_AGAIN_MS,
    )
  );
}

/** What lasts is a step of the index: the energies before and after it are true. */
function withLasting(
  indexAt: (ms: number) => number,
  { kind, fromMs, opening = 0 }: MeterFault,
  capacity: number | undefined,
): (ms: number) => number {
  if (kind === "reset" || kind === "swap") {
    const closing = indexAt(fromMs);
    if (kind === "reset" && closing < NEXT_TO_NOTHING) return indexAt;
    const first = kind === "swap" ? plausibleOpening(opening, closing) : 0;
    return (ms) => (ms < fromMs ? indexAt(ms) : indexAt(ms) - closing + first);
  }
  if (kind === "rollover" && capacity !== undefined) {
    const last = indexAt(fromMs);
    return (ms) => (((indexAt(ms) - last - 1) % capacity) + capacity) % capacity;
  }
  return indexAt;
}

/** A counter that shows less was set back a moment ago: what it shows after another time is as much before anybody looks, and no fall. */
const NEXT_TO_NOTHING = 10_000;

/** A counter that shows less may rise by a tenth while nothing is heard of it: then nobody knows that it slipped. */
const SLIPS_FROM = 50_000;

function canSlip(shown: (ms: number) => number, { fromMs }: MeterFault): boolean {
  return shown(fromMs) >= SLIPS_FROM;
}

/** About a thousand times as much is what a meter would show if its unit slipped. */
function isAsIfSlipped(before: number, after: number): boolean {
  return after > (SLIP / 2) * before && after < 2 * SLIP * before;
}

/** More than a connection carries within a story. */
const PLAINLY_MORE = 10_000_000;

/**
 * A meter that is put in shows less than the one that went, or plainly more. A little more is what flowed as far as anybody can tell
 * who reads no serial number: on a meter that was set back the day before, nought and a bit.
 */
function plausibleOpening(opening: number, closing: number): number {
  if (closing < NEXT_TO_NOTHING) return closing + PLAINLY_MORE + opening;
  if (isAsIfSlipped(closing, opening)) return opening + 2 * SLIP * closing;
  return opening < closing || opening > closing + PLAINLY_MORE ? opening : Math.floor(closing / 2);
}

const LOOK_EVERY_MS = 5 * MINUTE_MS;

/** A counter that is full stays so until something is used again: of a tariff that rests, until morning. Exclusive, not past the limit. */
export function turnedBy(indexAt: (ms: number) => number, fullMs: number, limitMs: number): number {
  const full = indexAt(fullMs);
  let atMs = fullMs + SECOND_MS;
  while (atMs < limitMs && indexAt(atMs) === full) atMs += LOOK_EVERY_MS;
  return Math.min(atMs, limitMs) + 1;
}
