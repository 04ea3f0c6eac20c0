// I4 as it is asked for: over any span, quarter-hours and pieces are what the index went by, and what is missing shows.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { AccountSource, BeyondNeed, IndexValue, Unallocated } from "#store";
import { DAY_MS, MINUTE_MS, QUARTER_MS } from "#devices/time";
import { QuarterCode, SLIP_RULES } from "#devices/vocabulary";
import { packDay } from "../profile/day-row.ts";
import { profileOf } from "../profile/profile-of.ts";
import { END, meter, SPAN, START, world, type World } from "../profile/test-register-worlds.ts";
import { registerAccount } from "./register-account.ts";

const RUNS = 300;
const register = { id: 7, deviceId: 3, carrier: meter.carrier, unit: meter.unit };
const WHOLE = { fromMs: START - DAY_MS, toMs: END + DAY_MS };

type Kept = AccountSource & { readonly pieces: readonly Unallocated[]; readonly valuedMs: readonly number[] };
type Change = { readonly without?: Unallocated; readonly blankMs?: number };

/** What the store holds of a world, each piece and quarter-hour but those that a change takes away. */
function keptOf({ values, rulings, register: own }: World, { without, blankMs }: Change = {}): Kept {
  const { window, decisions } = profileOf(values, own, rulings, SPAN);
  const all = window.unallocated.map((piece) => ({ registerId: register.id, ...piece }));
  const pieces = all.filter(({ fromMs, cause }) => fromMs !== without?.fromMs || cause !== without.cause);
  const days = Array.from({ length: (END - START) / DAY_MS }, (_, at) => ({
    ...packDay(window, START / DAY_MS + at),
    revision: 1,
  }));
  if (blankMs !== undefined) {
    const slot = (blankMs - START) / QUARTER_MS;
    days[Math.floor(slot / 96)]?.statuses.writeUInt8(QuarterCode.missing, slot % 96);
  }
  const overlapping = (span: { readonly fromMs: number; readonly toMs: number }) =>
    pieces.filter((piece) => piece.fromMs < span.toMs && piece.toMs > span.fromMs);
  const slipRules: readonly unknown[] = Object.values(SLIP_RULES);
  const index = (milli: number | null) => (milli === null ? null : (milli / 1_000_000).toFixed(6));
  return {
    pieces,
    valuedMs: days.flatMap(({ day, quarters, statuses }) =>
      Array.from(statuses, (status, slot) => ({ status, slot })).flatMap(({ status, slot }) =>
        status !== QuarterCode.missing && quarters.readInt32LE(4 * slot) !== 0
          ? [day * DAY_MS + slot * QUARTER_MS]
          : [],
      ),
    ),
    profileDays: async (_, fromDay, toDay) => days.filter(({ day }) => day >= fromDay && day < toDay),
    listUnallocated: async (spans) => spans.flatMap(overlapping),
    sumUnallocated: async (span) => overlapping(span).reduce((sum, { energy }) => sum + energy, 0),
    indexValuesBeyond: async (needs) =>
      needs.map((need) => new Map([[register.id, nearestOf(values, need)]])),
    listRulings: async () =>
      rulings.map(({ closingMilli, openingMilli, ...ruling }) => ({
        ...ruling,
        registerId: register.id,
        closingIndex: index(closingMilli),
        openingIndex: index(openingMilli),
      })),
    listUnitSlips: async () =>
      decisions
        .filter(({ evidence }) => slipRules.includes(evidence["rule"]))
        .map((decision) => ({ registerId: register.id, ...decision }))
        .sort((one, other) => one.toMs - other.toMs || one.fromMs - other.fromMs),
  };
}

/** All values up to the nearest that counts, and those of its instant. */
function nearestOf(values: World["values"], { side, atMs, counts }: BeyondNeed): IndexValue[] {
  const own = values.filter((value) => (side === "before" ? value.atMs < atMs : value.atMs > atMs));
  const told = own.filter(counts).map((value) => value.atMs);
  return side === "before"
    ? own.filter((value) => value.atMs >= Math.max(...told, -Infinity) || told.length === 0)
    : own.filter((value) => value.atMs <= Math.min(...told, Infinity) || told.length === 0);
}

const minutes = fc.integer({ min: -DAY_MS / MINUTE_MS, max: (END + DAY_MS - START) / MINUTE_MS });
const span = fc.tuple(minutes, minutes).map((two) => {
  const [from, to] = two.toSorted((one, other) => one - other) as [number, number];
  return { fromMs: START + from * MINUTE_MS, toMs: START + (to + 1) * MINUTE_MS };
});

test("any span of a register closes, whatever its index did and whatever was said of it", async () => {
  await fc.assert(
    fc.asyncProperty(world, fc.array(span, { minLength: 1, maxLength: 5 }), async (one, spans) => {
      const kept = keptOf(one);
      for (const asked of [WHOLE, ...spans]) {
        const account = await registerAccount(kept, register, asked);
        expect({ asked, ...account }).toMatchObject({ unaccounted: 0 });
        expect(account.fromMs).toBeLessThanOrEqual(asked.fromMs);
        expect(account.toMs).toBeGreaterThanOrEqual(asked.toMs);
      }
    }),
    { numRuns: RUNS },
  );
});

test("a piece or a quarter-hour that is missing is unaccounted to the watt-hour", async () => {
  await fc.assert(
    fc.asyncProperty(world, fc.nat(), async (one, nth) => {
      const kept = keptOf(one);
      const { allocated } = await registerAccount(kept, register, WHOLE);
      const without = kept.pieces[nth % Math.max(1, kept.pieces.length)];
      if (without !== undefined) {
        const short = await registerAccount(keptOf(one, { without }), register, WHOLE);
        expect(short.unaccounted).toBe(0 - without.energy);
      }
      const blankMs = kept.valuedMs[nth % Math.max(1, kept.valuedMs.length)];
      if (blankMs !== undefined) {
        const short = await registerAccount(keptOf(one, { blankMs }), register, WHOLE);
        expect(short.unaccounted).toBe(short.allocated - allocated);
        expect(short.unaccounted).toBeLessThan(0);
      }
    }),
    { numRuns: RUNS },
  );
});

test("nothing was read in it: nothing is there, and no index", async () => {
  const values = ["10.000", "10.500"].map((value, at) => ({
    atMs: START + at * QUARTER_MS,
    clock: 0,
    value,
  }));
  const kept = keptOf({ values, rulings: [], register: meter });
  const asked = { fromMs: START + DAY_MS, toMs: START + 2 * DAY_MS };
  expect(await registerAccount(kept, register, asked)).toEqual({
    ...asked,
    opening: undefined,
    closing: undefined,
    allocated: 0,
    unallocated: 0,
    unaccounted: 0,
  });
});

test("an account reaches as far as a silence that it cuts, and has the index of the readings around it", async () => {
  const at = (minute: number, value: string) => ({ atMs: START + minute * MINUTE_MS, clock: 0, value });
  const values = [at(0, "10.000"), at(20, "10.200"), at(260, "12.000"), at(270, "12.100"), at(285, "12.400")];
  const kept = keptOf({ values, rulings: [], register: meter });
  const asked = { fromMs: START + 60 * MINUTE_MS, toMs: START + 70 * MINUTE_MS };
  expect(await registerAccount(kept, register, asked)).toEqual({
    fromMs: START + 20 * MINUTE_MS,
    toMs: START + 260 * MINUTE_MS,
    opening: { atMs: START + 20 * MINUTE_MS, index: 10_200 },
    closing: { atMs: START + 260 * MINUTE_MS, index: 12_000 },
    allocated: 0,
    unallocated: 1800,
    unaccounted: 0,
  });
});
