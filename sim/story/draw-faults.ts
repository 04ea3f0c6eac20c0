// Which faults befall a device, and when: drawn from the seed, as often as the rates say.
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "#devices/time";
import { createRandom, derive, type Random } from "../world/random.ts";
import type { ClockFault } from "./device-clock.ts";
import { METER_FAULTS, type FaultKind, type FaultRates, type MeterFaultKind } from "./fault-kinds.ts";
import type { MeterFault } from "./meter-face.ts";

export type Span = { readonly fromMs: number; readonly toMs: number };

/** Instants drawn for a kind: none where the kind is off. On whole seconds, not in the first and last twentieth of the span. */
function drawTimes(rates: FaultRates, kind: FaultKind, { fromMs, toMs }: Span, random: Random): number[] {
  const expected = ((rates.get(kind) ?? 0) * (toMs - fromMs)) / DAY_MS;
  const count = Math.floor(expected + random.next());
  return Array.from({ length: count }, () => {
    const atMs = fromMs + (toMs - fromMs) * (0.05 + 0.9 * random.next());
    return Math.floor(atMs / SECOND_MS) * SECOND_MS;
  }).toSorted((a, b) => a - b);
}

/** Whole seconds. */
const between = (random: Random, leastMs: number, mostMs: number) =>
  Math.floor((leastMs + (mostMs - leastMs) * random.next()) / SECOND_MS) * SECOND_MS;

const USED_METER_MAX = 40_000_000;

export function drawMeterFaults(
  rates: FaultRates,
  kinds: readonly MeterFaultKind[],
  span: Span,
  seed: number,
): MeterFault[] {
  const drawn = METER_FAULTS.filter((kind) => kinds.includes(kind)).flatMap((kind) => {
    const random = createRandom(derive(seed, kind));
    // A counter turns once in a life.
    const times = drawTimes(rates, kind, span, random).slice(0, kind === "rollover" ? 1 : undefined);
    return times.map((fromMs): MeterFault => {
      const fault = { kind, fromMs, toMs: fromMs + lengthOf(kind, random) };
      return kind === "swap" ? { ...fault, opening: openingOf(random) } : fault;
    });
  });
  return drawn.filter((fault) => fault.kind !== "slip" || !drawn.some((other) => isAnewNear(other, fault)));
}

/** Silences end sooner, but for those that follow on each other. */
const APART_MS = 6 * HOUR_MS;

/**
 * Whether an index begins anew within a slip, or so near that both may happen in one silence. What is shown before tells then nothing
 * of what is shown after.
 */
function isAnewNear({ kind, fromMs }: MeterFault, slip: MeterFault): boolean {
  const isAnew = kind === "reset" || kind === "rollover" || kind === "swap";
  return isAnew && fromMs > slip.fromMs - APART_MS && fromMs < slip.toMs + APART_MS;
}

/** A telegram or two; of a unit that slipped, until somebody notices. */
function lengthOf(kind: MeterFaultKind, random: Random): number {
  if (kind === "glitch" || kind === "sentinel") return between(random, MINUTE_MS, 5 * MINUTE_MS);
  return kind === "slip" ? between(random, 30 * MINUTE_MS, 12 * HOUR_MS) : SECOND_MS;
}

/** Most are new and begin near nought. */
function openingOf(random: Random): number {
  return random.next() < 0.7 ? random.below(3000) : random.below(USED_METER_MAX);
}

export function drawClockFaults(rates: FaultRates, span: Span, seed: number): ClockFault[] {
  const skews = createRandom(derive(seed, "skew"));
  const steps = createRandom(derive(seed, "step"));
  const sign = (random: Random) => (random.next() < 0.5 ? -1 : 1);
  return [
    ...drawTimes(rates, "skew", span, skews).map((fromMs) => ({
      kind: "skew" as const,
      fromMs,
      toMs: fromMs + between(skews, HOUR_MS, 12 * HOUR_MS),
      shiftMs: sign(skews) * between(skews, 10 * SECOND_MS, 10 * MINUTE_MS),
    })),
    ...drawTimes(rates, "step", span, steps).map((fromMs) => ({
      kind: "step" as const,
      fromMs,
      toMs: fromMs + between(steps, 2 * MINUTE_MS, 3 * HOUR_MS),
      shiftMs: sign(steps) * between(steps, 10 * MINUTE_MS, 2 * HOUR_MS),
    })),
  ];
}

export type Spell = Span & {
  readonly kind: "gaps" | "late" | "revoked";
  /** When what was kept leaves; only of `late`. */
  readonly untilMs: number;
};

/** Spells in which nothing of a device leaves. */
export function drawSpells(rates: FaultRates, span: Span, seed: number): Spell[] {
  return (["gaps", "late", "revoked"] as const).flatMap((kind) => {
    const random = createRandom(derive(seed, kind));
    return drawTimes(rates, kind, span, random).map((fromMs) => {
      const toMs = fromMs + between(random, 20 * MINUTE_MS, 4 * HOUR_MS);
      return { kind, fromMs, toMs, untilMs: toMs + (kind === "late" ? between(random, 0, 3 * DAY_MS) : 0) };
    });
  });
}
