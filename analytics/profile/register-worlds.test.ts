// I4 and I5 over registers that roll over, are reset, swapped, ruled upon, slip their unit and send what is no reading.
import fc from "fast-check";
import { expect, test } from "vitest";
import { staleDays } from "#store";
import { DAY_MS, QUARTER_MS, SECOND_MS } from "#devices/time";
import { QuarterCode, SLIP_RULES } from "#devices/vocabulary";
import { packDay } from "./day-row.ts";
import { decisionSpan, replaceDecisions, slipEdgeOf, touchesSpan, type Decision } from "./decisions.ts";
import { slipFollowUp } from "./follow-slips.ts";
import { indexClaim, settleReadings, wholeUnits, type IndexClaim } from "./index-reading.ts";
import { isReading, profileOf, type Profile, type RegisterValue } from "./profile-of.ts";
import { byBeginning, type UnallocatedPiece } from "./profile-window.ts";
import { effectiveRulings, withRulings, type Ruling } from "./rulings.ts";
import { pieceSpan, replacePieces } from "./replace-pieces.ts";
import type { BoundedRegister } from "./step-rules.ts";
import { END, meter, SPAN, START, world, type World } from "./test-register-worlds.ts";
import { slipAt, type SlipEdge } from "./unit-slips.ts";

const RUNS = 300;

function chainOf({ values, rulings, register }: World) {
  const effective = effectiveRulings(rulings);
  const claims = values
    .filter((value) => isReading(value, register, effective))
    .map(({ atMs, clock, value }) => indexClaim(atMs, clock, value, register.unit))
    .filter((claim): claim is IndexClaim => claim !== undefined);
  return withRulings(settleReadings(claims), effective);
}

test("I4: quarter-hours and pieces add up to the difference of the index, whatever it did and whatever was said of it", () => {
  fc.assert(
    fc.property(world, (one) => {
      const { window } = profileOf(one.values, one.register, one.rulings, SPAN);
      const slots = [...window.statuses.keys()]
        .filter((slot) => window.statuses[slot] !== QuarterCode.missing)
        .map((slot) => ({
          fromMs: START + slot * QUARTER_MS,
          toMs: START + (slot + 1) * QUARTER_MS,
          energy: window.energies[slot] ?? Number.NaN,
        }));
      const parts = [...slots, ...window.unallocated];
      // Where an index ends and another begins, the piece of the swap leads from the one to the other.
      const chain = chainOf(one).filter(({ atMs }) => slipAt(window.slipEdges, atMs) === undefined);
      const readings = chain.filter((_, at) => chain[at - 1]?.joint === undefined);
      const last = chain.at(-1)?.joint === undefined ? readings : readings.slice(0, -1);
      const edges = last.filter(({ atMs }) => !parts.some((part) => part.fromMs < atMs && part.toMs > atMs));
      for (const [index, to] of edges.entries()) {
        for (const from of [edges[index - 1] ?? to, edges[0] ?? to]) {
          const sum = parts
            .filter((part) => part.fromMs >= from.atMs && part.toMs <= to.atMs)
            .reduce((total, part) => total + part.energy, 0);
          expect(sum).toBe(wholeUnits(to.milli) - wholeUnits(from.milli));
        }
      }
      expect(window.energies.every((energy) => energy >= 0)).toBe(true);
      // Nothing lies on a booked quarter-hour but the names of what the index fell by.
      const bySlot = new Set(slots.map((slot) => slot.fromMs));
      for (const piece of window.unallocated) {
        if (["rollover", "swap", "reset"].includes(piece.cause)) continue;
        for (
          let atMs = Math.floor(piece.fromMs / QUARTER_MS) * QUARTER_MS;
          atMs < piece.toMs;
          atMs += QUARTER_MS
        ) {
          expect(bySlot.has(atMs)).toBe(false);
        }
      }
    }),
    { numRuns: RUNS },
  );
});

/** What the worker hands over: two bridges on either side, two readings, and two that no slip takes away, as far as there are. */
function context(
  { values, rulings, register }: World,
  known: readonly SlipEdge[],
  fromMs: number,
  toMs: number,
): RegisterValue[] {
  const effective = effectiveRulings(rulings);
  const reachMs = 2 * register.interpolateMaxS * SECOND_MS;
  const sorted = [...values].sort((left, right) => left.atMs - right.atMs);
  const told = [
    ...new Set(sorted.filter((value) => isReading(value, register, effective)).map((value) => value.atMs)),
  ];
  const counting = told.filter((atMs) => slipAt(known, atMs) === undefined);
  const wanted = new Set(
    [told, counting].flatMap((instants) => [
      ...instants.filter((atMs) => atMs < fromMs).slice(-2),
      ...instants.filter((atMs) => atMs >= toMs).slice(0, 2),
    ]),
  );
  return sorted.filter(
    ({ atMs }) => (atMs >= fromMs - reachMs && atMs <= toMs + reachMs) || wanted.has(atMs),
  );
}

test("a day computed alone, with its neighbourhood and all rulings, is the day of the whole", () => {
  fc.assert(
    fc.property(world, (one) => {
      const all = profileOf(one.values, one.register, one.rulings, SPAN);
      for (let day = START / DAY_MS; day < END / DAY_MS; day++) {
        const span = { fromMs: day * DAY_MS, toMs: (day + 1) * DAY_MS };
        const known = all.window.slipEdges;
        const near = context(one, known, span.fromMs, span.toMs);
        const alone = profileOf(near, one.register, one.rulings, span, known);
        expect(packDay(alone.window, day)).toEqual(packDay(all.window, day));
        const touching = alone.window.unallocated.filter(
          (piece) => piece.fromMs < span.toMs && piece.toMs > span.fromMs,
        );
        expect(touching).toEqual(
          all.window.unallocated.filter((piece) => piece.fromMs < span.toMs && piece.toMs > span.fromMs),
        );
        expect(alone.decisions).toEqual(all.decisions.filter((decision) => touchesSpan(decision, span)));
      }
    }),
    { numRuns: RUNS },
  );
});

/** The store in memory: what the worker keeps, maintained only through the days that each arrival makes stale. */
class Maintained {
  readonly days = new Map<number, ReturnType<typeof packDay>>();
  readonly pieces = new Map<string, UnallocatedPiece>();
  readonly decisions = new Map<string, Decision>();
  readonly #values: RegisterValue[] = [];
  readonly #rulings: Ruling[] = [];
  readonly #register: BoundedRegister;

  constructor(register: BoundedRegister) {
    this.#register = register;
  }

  arrive(value: RegisterValue): void {
    this.#values.push(value);
    const { fromDay, toDay } = staleDays(value.atMs, this.#register.interpolateMaxS);
    this.#follow(range(fromDay, toDay));
  }

  /** As the trigger of migration 0007. */
  rule(ruling: Ruling): void {
    this.#rulings.push(ruling);
    const reachMs = 2 * this.#register.interpolateMaxS * SECOND_MS;
    const day = (atMs: number) => Math.floor(atMs / DAY_MS);
    const near = [ruling.fromMs, ruling.toMs].flatMap((atMs) =>
      range(day(atMs - reachMs) - 1, day(atMs + reachMs) + 1),
    );
    const within = [...this.days.keys()].filter(
      (one) => one >= day(ruling.fromMs) && one <= day(ruling.toMs),
    );
    this.#follow([...near, ...within]);
  }

  #follow(days: readonly number[]): void {
    const stale = new Set(days);
    for (let rounds = 0; stale.size > 0; rounds++) {
      expect(rounds).toBeLessThan(80);
      const [day = 0] = stale;
      stale.delete(day);
      for (const follow of this.#compute(day)) stale.add(follow);
    }
  }

  #compute(day: number): readonly number[] {
    const span = { fromMs: day * DAY_MS, toMs: (day + 1) * DAY_MS };
    const one = { values: this.#values, rulings: this.#rulings, register: this.#register };
    const known = [...this.decisions.values()]
      .filter(({ evidence }) => Object.values<unknown>(SLIP_RULES).includes(evidence["rule"]))
      .map(slipEdgeOf)
      .sort((left, right) => left.toMs - right.toMs || left.fromMs - right.fromMs);
    const near = context(one, known, span.fromMs, span.toMs);
    const profile = profileOf(near, one.register, one.rulings, span, known);
    this.days.set(day, packDay(profile.window, day));
    this.#decide(profile, span);
    const reach = pieceSpan(profile.window, span.toMs);
    const stored = [...this.pieces.values()].filter(
      (piece) => piece.fromMs < reach.toMs && piece.toMs > reach.fromMs,
    );
    const changes = replacePieces(stored, profile.window, span.toMs, profile.rules.bridgeMaxMs);
    for (const { fromMs, cause } of changes.remove) this.pieces.delete(`${fromMs} ${cause}`);
    for (const piece of changes.add) this.pieces.set(`${piece.fromMs} ${piece.cause}`, piece);
    const follow = slipFollowUp(known, profile.window.slipEdges, span, profile.rules.bridgeMaxMs);
    const behind = [...this.days.keys()].filter(
      (one) =>
        follow !== undefined &&
        one !== day &&
        (one + 1) * DAY_MS > follow.fromMs &&
        one * DAY_MS <= follow.toMs,
    );
    const { slipHeldMs } = profile.window;
    const held = slipHeldMs === undefined ? [] : [Math.floor(slipHeldMs / DAY_MS)];
    return [...changes.followUpDays, ...behind, ...held];
  }

  #decide({ decisions }: Profile, span: { fromMs: number; toMs: number }): void {
    const reach = decisionSpan(decisions, span);
    const stored = [...this.decisions.values()].filter((decision) => touchesSpan(decision, reach));
    const changes = replaceDecisions(stored, decisions, span);
    for (const { fromMs, toMs } of changes.remove) this.decisions.delete(`${fromMs} ${toMs}`);
    for (const one of changes.add) this.decisions.set(`${one.fromMs} ${one.toMs}`, one);
  }
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, at) => from + at);
}

test("a counter that turns over midnight leaves the day before its ends", () => {
  const day = START + DAY_MS;
  const values = [
    { atMs: day - 1241 * SECOND_MS, clock: 0, value: "99990.000" },
    { atMs: day + SECOND_MS, clock: 0, value: "0.003" },
    { atMs: day + 2 * SECOND_MS, clock: 0, value: "0.004" },
  ];
  const maintained = new Maintained(meter);
  for (const value of values) maintained.arrive(value);
  const all = profileOf(values, meter, [], SPAN).window.unallocated;
  expect(all.map(({ cause }) => cause)).toEqual(["partial", "rollover", "partial"]);
  expect([...maintained.pieces.values()].sort(byBeginning)).toEqual(all);
});

/** Holds what is maintained, with values and rulings in the order of the keys, against the whole. */
function expectAlike(one: World, keys: Iterator<number>): void {
  const arrivals = [
    ...one.values.map((value) => ({ value, key: keys.next().value })),
    ...one.rulings.map((ruling) => ({ ruling, key: keys.next().value })),
  ].sort((left, right) => left.key - right.key);
  const maintained = new Maintained(one.register);
  for (const arrival of arrivals) {
    if ("value" in arrival) maintained.arrive(arrival.value);
    else maintained.rule(arrival.ruling);
  }
  const all = profileOf(one.values.toReversed(), one.register, one.rulings, SPAN);
  const none = profileOf([], one.register, [], SPAN);
  for (let day = START / DAY_MS; day < END / DAY_MS; day++) {
    expect(maintained.days.get(day) ?? packDay(none.window, day)).toEqual(packDay(all.window, day));
  }
  expect([...maintained.pieces.values()].sort(byBeginning)).toEqual(all.window.unallocated);
  const decided = [...maintained.decisions.values()].sort(
    (left, right) => left.fromMs - right.fromMs || left.toMs - right.toMs,
  );
  expect(decided).toEqual(all.decisions);
}

test("I5: in whatever order values and rulings come, rows, pieces and decisions are those of the whole", () => {
  fc.assert(
    fc.property(world, fc.infiniteStream(fc.integer()), (one, keys) => {
      expectAlike(one, keys);
    }),
    { numRuns: RUNS },
  );
});

/** Four days, told each ten minutes to five hours, in which the unit slips for hours to days. */
const slippingDays = fc
  .record({
    pausesS: fc.array(fc.integer({ min: 600, max: 18_000 }), { minLength: 20, maxLength: 40, size: "max" }),
    turns: fc.array(fc.nat(40), { minLength: 1, maxLength: 4 }),
  })
  .map(({ pausesS, turns }): World => {
    let atMs = START;
    const values = pausesS.map((pauseS, place): RegisterValue => {
      atMs += pauseS * SECOND_MS;
      const isSlipped = turns.filter((turn) => turn <= place).length % 2 === 1;
      const kWh = 500 + place / 10;
      return { atMs, clock: 0, value: (isSlipped ? 1000 * kWh : kWh).toFixed(3) };
    });
    return { values: values.filter((value) => value.atMs < END), rulings: [], register: meter };
  });

function* descending(): Generator<number> {
  for (let key = 0; ; key--) yield key;
}

test("I5: a slip that lasts for days is the same in whatever order its readings and those before it come", () => {
  fc.assert(
    fc.property(slippingDays, fc.boolean(), fc.infiniteStream(fc.integer()), (one, isBackwards, keys) => {
      expectAlike(one, isBackwards ? descending() : keys);
    }),
    { numRuns: RUNS },
  );
});
