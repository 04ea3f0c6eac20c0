// What is read from beyond the stretch of a register that shows no reading, and that nothing more would change its profile.
import fc from "fast-check";
import { beforeEach, expect, test } from "vitest";
import { DAY_MS, HOUR_MS } from "#devices/time";
import { memoryStore } from "#memory-store";
import { profileOf, type Profile } from "../profile/profile-of.ts";
import { effectiveRulings } from "../profile/rulings.ts";
import { END, muted, START as WORLD_START, type World } from "../profile/test-register-worlds.ts";
import { computeProfiles } from "./compute-profiles.ts";
import { MemoryRegister } from "./test-memory-register.ts";

const START = Date.UTC(2026, 9, 5);
const DAYS = 30;
const SENTINEL = "4294967.295";
const RUNS = 500;
const time = { now: () => START + DAYS * DAY_MS };

let kept: MemoryRegister;

beforeEach(() => {
  kept = new MemoryRegister(time, {
    carrier: "water",
    quantity: "volume",
    unit: "m3",
    interpolateMaxS: 7200,
  });
  tell(0, "100");
  tell(1, "100.25");
  for (let hour = 2; hour < 24 * DAYS; hour++) tell(hour, SENTINEL);
});

function tell(hour: number, value: string): void {
  kept.keep({ atMs: START + hour * HOUR_MS, clock: 0, value });
}

/** The last day alone: what it is, and which sides it asked for. */
async function lastDay() {
  const asked: string[] = [];
  const day = START / DAY_MS + DAYS - 1;
  const { computed } = await memoryStore(kept.database).transaction(async (transaction) => {
    kept.stale(day, day);
    return computeProfiles(
      {
        ...transaction,
        indexValuesBeyond: (needs) => {
          asked.push(...needs.map(({ side }) => side));
          return transaction.indexValuesBeyond(needs);
        },
      },
      await transaction.claimJournal(1),
    );
  });
  return { asked, pieces: computed.flatMap(({ window }) => window.unallocated) };
}

test("of a register that shows no reading, nobody looks for one before", async () => {
  expect(await lastDay()).toEqual({ asked: ["after"], pieces: [] });
});

test("one reading that lies behind leads back to the last ones, and what went by between is a piece", async () => {
  tell(24 * DAYS + 5, "130.25");
  const { asked, pieces } = await lastDay();
  expect(asked).toEqual(["after", "before"]);
  expect(pieces).toMatchObject([{ fromMs: START + HOUR_MS, energy: 30_000, cause: "gap" }]);
});

test("so does one within the day, at once", async () => {
  tell(24 * DAYS - 0.5, "130.25");
  const { asked, pieces } = await lastDay();
  expect(asked).toEqual(["before", "after"]);
  expect(pieces).toMatchObject([{ fromMs: START + HOUR_MS, energy: 30_000, cause: "gap" }]);
});

/** Each day of a world alone as it is computed from what is read for it, and as it is computed from all there is. */
async function daysOf({ values, rulings, register }: World) {
  const one = new MemoryRegister(time, register);
  const { database, deviceId, registerId } = one;
  for (const value of values) one.keep(value);
  const index = (milli: number | null) => (milli === null ? null : (milli / 1_000_000).toFixed(6));
  const said = rulings.map(({ closingMilli, openingMilli, ...ruling }) => ({
    ...ruling,
    registerId,
    closingIndex: index(closingMilli),
    openingIndex: index(openingMilli),
  }));
  const pair = {
    ...register,
    deviceId,
    registerId,
    late: true,
    cause: "readings",
    computedAgoMs: null,
  } as const;
  return memoryStore(database).transaction(async (transaction) => {
    const readings = { ...transaction, listRulings: () => Promise.resolve(said) };
    const all = await transaction.indexValues([{ deviceId, fromMs: 0, toMs: 2 * END }], [registerId]);
    const effective = effectiveRulings(rulings);
    const days: { readonly read: Profile; readonly whole: Profile }[] = [];
    for (let day = WORLD_START / DAY_MS; day < END / DAY_MS; day++) {
      const { computed } = await computeProfiles(readings, [{ ...pair, day }]);
      const span = { fromMs: day * DAY_MS, toMs: (day + 1) * DAY_MS };
      const whole = profileOf(all.get(registerId) ?? [], register, effective, span);
      days.push(...computed.map((read) => ({ read, whole })));
    }
    return days;
  });
}

test("whatever is not looked for would change nothing", async () => {
  const look = ({ window, decisions }: Profile) => ({ window, decisions });
  await fc.assert(
    fc.asyncProperty(muted, async (world) => {
      for (const { read, whole } of await daysOf(world)) {
        // Which slips are known is for another test: any-order.test.ts.
        fc.pre(whole.window.slipEdges.length === 0 && whole.window.slipHeldMs === undefined);
        expect(look(read)).toEqual(look(whole));
      }
    }),
    { numRuns: RUNS },
  );
});
