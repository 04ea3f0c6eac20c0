// Registers that roll over, are reset, swapped, ruled upon, slip their unit, send values twice and send what is no reading: for
// property tests.
import fc from "fast-check";
import { DAY_MS, HOUR_MS, QUARTER_MS, SECOND_MS } from "#devices/time";
import { ClockSource, REGISTER_STATES } from "#devices/vocabulary";
import type { RegisterValue } from "./profile-of.ts";
import type { Ruling } from "./rulings.ts";
import type { BoundedRegister } from "./step-rules.ts";

/** The clock goes back in the night of the second day. */
export const START = Date.UTC(2026, 9, 24);
export const DAYS = 4;
export const END = START + DAYS * DAY_MS;
export const SPAN = { fromMs: START, toMs: END };

export const meter: BoundedRegister = {
  carrier: "electricity",
  quantity: "energy",
  unit: "kWh",
  interpolateMaxS: 7200,
  maxPerHour: null,
  connectionKva: null,
};

const SENTINELS = ["4294967.295", "2147483.647", "4294967295", "99999999999999"] as const;

const step = fc.record({
  kind: fc.constantFrom("run", "run", "run", "run", "run", "full", "reset", "dip", "odd", "sentinel", "slip"),
  pauseS: fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: 1, max: 1800 }) },
    { weight: 1, arbitrary: fc.integer({ min: 1800, max: 60_000 }) },
  ),
  wh: fc.integer({ min: 0, max: 3000 }),
});

export type World = {
  readonly values: readonly RegisterValue[];
  readonly rulings: readonly Ruling[];
  readonly register: BoundedRegister;
};

/** Levels that lie near a full counter as often as not; instants on quarter-hours as often as not. */
export const world = fc
  .record({
    steps: fc.array(step, { minLength: 2, maxLength: 40, size: "max" }),
    startWh: fc.constantFrom(5_000, 999_000, 99_990_000, 4_294_966_000),
    startS: fc.integer({ min: 0, max: 86_400 }),
    onBoundary: fc.boolean(),
    slips: fc.constantFrom(1, 1, 1000, 1000, 1 / 1000),
    interpolateMaxS: fc.constantFrom(900, 7200, 86_400),
    again: fc.array(
      fc.record({
        place: fc.integer({ min: 0, max: 39 }),
        clock: fc.constantFrom(...Object.values(ClockSource)),
        wh: fc.constantFrom(0, 0, 1, -1, 500),
      }),
      { maxLength: 6 },
    ),
    said: fc.array(
      fc.record({
        kind: fc.constantFrom(...REGISTER_STATES),
        place: fc.integer({ min: 0, max: 39 }),
        shape: fc.constantFrom("step", "step", "reading", "instant", "ends", "begins", "many"),
        offsetS: fc.integer({ min: -300, max: 300 }),
        closingWh: fc.integer({ min: 0, max: 100_000_000 }),
        openingWh: fc.integer({ min: 0, max: 100_000 }),
        known: fc.boolean(),
      }),
      { maxLength: 4 },
    ),
  })
  .map(({ steps, startWh, startS, onBoundary, slips, interpolateMaxS, again, said }): World => {
    let atMs = START + startS * SECOND_MS;
    let wh: number = startWh;
    let factor = 1;
    const values = steps.map(({ kind, pauseS, wh: change }): RegisterValue => {
      atMs += pauseS * SECOND_MS;
      if (onBoundary) atMs = Math.ceil(atMs / QUARTER_MS) * QUARTER_MS;
      let shown: number | undefined;
      if (kind === "run" || kind === "slip") wh += change;
      if (kind === "slip") factor = factor === 1 ? slips : 1;
      if (kind === "full") wh = (wh + change) % 100_000_000;
      if (kind === "reset") wh = change;
      if (kind === "dip") shown = Math.max(0, wh - 100);
      if (kind === "odd") shown = change % 2 === 0 ? 0 : change * 977;
      const value = kind === "sentinel" ? SENTINELS[change % SENTINELS.length] : undefined;
      return {
        atMs,
        clock: 0,
        value: value ?? (((shown ?? wh) * factor) / 1000).toFixed(factor < 1 ? 6 : 3),
      };
    });
    const once = values.filter((value) => value.atMs < END - HOUR_MS);
    // Redeliveries, and values of the same instant that say otherwise, by a better clock or a worse one.
    const kept = [
      ...once,
      ...again.flatMap(({ place, clock, wh }): RegisterValue[] => {
        const one = once[place % Math.max(1, once.length)];
        if (one === undefined) return [];
        const shown = wh === 0 ? one.value : Math.max(0, Number(one.value) + wh / 1000).toFixed(3);
        return [{ atMs: one.atMs, clock, value: shown }];
      }),
    ];
    const rulings = said.flatMap((one, at): Ruling[] => {
      const from = once[one.place % Math.max(1, once.length)];
      if (from === undefined) return [];
      const further = one.shape === "many" ? 5 : 1;
      const to = once[Math.min(once.length - 1, (one.place % once.length) + further)] ?? from;
      const atMs = Math.max(START, from.atMs + one.offsetS * SECOND_MS);
      const closingMilli = 1000 * one.closingWh;
      const openingMilli = 1000 * one.openingWh;
      const both = one.known ? { closingMilli, openingMilli } : { closingMilli: null, openingMilli: null };
      const head = { id: at + 1, kind: one.kind };
      switch (one.shape) {
        case "reading":
          return [{ ...head, fromMs: from.atMs, toMs: from.atMs, closingMilli: null, openingMilli: null }];
        case "instant":
          return [{ ...head, kind: "swap", fromMs: atMs, toMs: atMs, closingMilli, openingMilli }];
        case "ends":
          return [{ ...head, kind: "swap", fromMs: atMs, toMs: atMs, closingMilli, openingMilli: null }];
        case "begins":
          return [{ ...head, kind: "swap", fromMs: atMs, toMs: atMs, closingMilli: null, openingMilli }];
        default:
          return from.atMs < to.atMs ? [{ ...head, fromMs: from.atMs, toMs: to.atMs, ...both }] : [];
      }
    });
    return { values: kept, rulings, register: { ...meter, interpolateMaxS } };
  })
  .filter(({ values }) => values.length >= 2);

const PAUSES_S = [
  { min: 30, max: 900 },
  { min: 3500, max: 3700 },
  { min: 7100, max: 7300 },
  { min: 14_000, max: 90_000 },
].map((bounds) => fc.integer(bounds));

/** Of which the unit slips again and again, over silences about as long as a bridge, with zeros, resets and what was said of it. */
export const slippery = fc
  .record({
    steps: fc.array(
      fc.record({
        kind: fc.constantFrom(
          "run",
          "run",
          "run",
          "run",
          "run",
          "run",
          "up",
          "up",
          "up",
          "down",
          "reset",
          "zero",
        ),
        pauseS: fc.oneof(...PAUSES_S),
        wh: fc.oneof(fc.nat(300), fc.nat(3000)),
      }),
      { minLength: 6, maxLength: 30, size: "max" },
    ),
    startWh: fc.constantFrom(9_990, 11_000, 60_000, 5_000_000, 15_000_000, 99_990_000),
    startS: fc.nat(100_000),
    interpolateMaxS: fc.constantFrom(7200, 7200, 900, 86_400),
    said: fc.array(
      fc.record({
        kind: fc.constantFrom("ok", "glitch", "reset", "swap", "spike"),
        place: fc.nat(29),
        shape: fc.constantFrom("reading", "instant", "step", "step"),
      }),
      { maxLength: 2 },
    ),
  })
  .map(({ steps, startWh, startS, interpolateMaxS, said }): World => {
    let atMs = START + startS * SECOND_MS;
    let wh: number = startWh;
    let factor = 1;
    const values = steps
      .map(({ kind, pauseS, wh: change }): RegisterValue => {
        atMs += pauseS * SECOND_MS;
        wh = kind === "reset" ? 10 * change : wh + change;
        if (kind === "up") factor = factor === 1 ? 1000 : 1;
        if (kind === "down") factor = factor === 1 ? 1 / 1000 : 1;
        return { atMs, clock: 0, value: (kind === "zero" ? 0 : (wh * factor) / 1000).toFixed(6) };
      })
      .filter((value) => value.atMs < END);
    const rulings = said.flatMap(({ kind, place, shape }, at): Ruling[] => {
      const from = values[place % Math.max(1, values.length)];
      const to = values[(place % Math.max(1, values.length)) + 1];
      if (from === undefined) return [];
      const head = { id: at + 1, kind, closingMilli: null, openingMilli: null } as const;
      if (shape === "reading") return [{ ...head, fromMs: from.atMs, toMs: from.atMs }];
      const instantMs = from.atMs + SECOND_MS;
      if (shape === "instant")
        return [
          {
            ...head,
            kind: "swap",
            fromMs: instantMs,
            toMs: instantMs,
            closingMilli: 60_000_000,
            openingMilli: 0,
          },
        ];
      return to === undefined || to.atMs === from.atMs ? [] : [{ ...head, fromMs: from.atMs, toMs: to.atMs }];
    });
    return { values, rulings, register: { ...meter, interpolateMaxS } };
  })
  .filter(({ values }) => values.length >= 2);

/** Of which nothing is a reading for hours or days: one of them may lie before, between or behind. */
export const muted = fc
  .record({
    one: fc.oneof(world, slippery),
    silences: fc.array(fc.record({ place: fc.nat(39), length: fc.integer({ min: 3, max: 30 }) }), {
      minLength: 1,
      maxLength: 2,
    }),
  })
  .map(({ one, silences }): World => {
    const values = one.values.map((value, place) =>
      silences.some((silence) => place >= silence.place && place < silence.place + silence.length)
        ? { ...value, value: SENTINELS[0] }
        : value,
    );
    return { ...one, values };
  });
