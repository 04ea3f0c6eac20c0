// I5 by the worker itself: in whatever order readings and rulings come, and however many days it takes at once, what it keeps is what
// it makes of all of them anew.
import fc from "fast-check";
import { expect, test } from "vitest";
import { HOUR_MS, SECOND_MS } from "#devices/time";
import { memoryStore, profileLines } from "#memory-store";
import type { RegisterValue } from "../profile/profile-of.ts";
import type { Ruling } from "../profile/rulings.ts";
import { END, meter, muted, slippery, START, world, type World } from "../profile/test-register-worlds.ts";
import { createDrain } from "./drain-journal.ts";
import { MemoryRegister } from "./test-memory-register.ts";

const RUNS = 150;
const NOW_MS = END + HOUR_MS;
const time = { now: () => NOW_MS };

class Kept {
  readonly #register: MemoryRegister;
  readonly #drain: (signal: AbortSignal) => Promise<unknown>;

  constructor({ register }: World, pairsMax: number) {
    this.#register = new MemoryRegister(time, register);
    const limits = { pairsMax, rewriteAfterMs: 0, rewriteLateAfterMs: 0 };
    const log = { debug: () => undefined, error: (fields: object) => expect(fields).toBeUndefined() };
    this.#drain = createDrain({ store: memoryStore(this.#register.database), time, log, limits });
  }

  arrive(value: RegisterValue): void {
    this.#register.arrive(value);
  }

  rule({ kind, fromMs, toMs, closingMilli, openingMilli }: Ruling): void {
    const index = (milli: number | null) => (milli === null ? null : (milli / 1_000_000).toFixed(6));
    const { database, registerId } = this.#register;
    database.addRuling({
      registerId,
      kind,
      fromMs,
      toMs,
      closingIndex: index(closingMilli),
      openingIndex: index(openingMilli),
    });
  }

  async work(): Promise<void> {
    await this.#drain(new AbortController().signal);
  }

  forget(): void {
    this.#register.database.forgetProfiles();
  }

  lines(): string[] {
    return profileLines(this.#register.database).sort();
  }
}

/** Seconds from the start, and Wh as shown. */
const NEAR_NOUGHT = [
  [16_019, 9_990_000],
  [23_119, 0],
  [37_119, 0],
  [40_619, 0],
  [44_119, 9_750_000],
  [47_619, 10_000],
  [47_649, 10],
  [54_749, 10_000],
  [61_849, 10],
  [75_849, 0],
  [129_132, 0],
  [129_900, 0],
  [155_314, 0],
  [162_541, 0],
  [169_641, 0],
  [183_641, 0],
  [183_671, 0],
  [183_701, 0],
  [187_201, 0],
] as const;

test("of two windows of a batch one finds an edge, and what the other wrote without it does not stay", async () => {
  const kept = new Kept({ values: [], rulings: [], register: meter }, 5);
  const values = NEAR_NOUGHT.map(([s, wh]) => ({
    atMs: START + s * SECOND_MS,
    clock: 0,
    value: (wh / 1000).toFixed(3),
  }));
  const late = [7, 18, 0];
  for (const [place, value] of values.entries()) {
    if (late.includes(place) || place === 11) continue;
    kept.arrive(value);
    await kept.work();
  }
  const lastMs = START + 187_201 * SECOND_MS;
  kept.rule({ id: 1, kind: "ok", fromMs: lastMs, toMs: lastMs, closingMilli: null, openingMilli: null });
  await kept.work();
  for (const places of [[11], late]) {
    for (const value of values.filter((_, place) => places.includes(place))) kept.arrive(value);
    await kept.work();
  }
  const lines = kept.lines();
  kept.forget();
  await kept.work();
  expect(lines).toEqual(kept.lines());
});

test.each([
  ["a register", world],
  ["one whose unit slips again and again", slippery],
  ["one that shows no reading for hours or days", muted],
] as const)("what is kept of %s is what is made of its readings anew", async (_, worlds) => {
  await fc.assert(
    fc.asyncProperty(
      worlds,
      fc.infiniteStream(fc.nat(1000)),
      fc.constantFrom(1, 2, 5, 1024),
      async (one, keys, pairsMax) => {
        const kept = new Kept(one, pairsMax);
        const arrivals = [
          ...one.values.map((value) => () => kept.arrive(value)),
          ...one.rulings.map((ruling) => () => kept.rule(ruling)),
        ]
          .map((arrive) => ({ arrive, key: keys.next().value }))
          .sort((left, right) => left.key - right.key);
        for (const { arrive, key } of arrivals) {
          arrive();
          if (key % 3 === 0) await kept.work();
        }
        await kept.work();
        const lines = kept.lines();
        kept.forget();
        await kept.work();
        expect(lines).toEqual(kept.lines());
      },
    ),
    { numRuns: RUNS },
  );
});
