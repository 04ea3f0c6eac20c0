// The storage policy as facts about what is kept of any stream of instants.
import fc from "fast-check";
import { expect, test } from "vitest";
import { QUARTER_MS } from "#devices/time";
import { BOUNDARY_MS, policyKeeps } from "./storage-policy.ts";

const KEEP_EVERY_S = 60;

/** What of these instants is kept, in their order of arrival. */
function kept(
  instants: readonly number[],
  expectedIntervalS: number | null = null,
  keepEveryS = KEEP_EVERY_S,
) {
  let last: number | undefined;
  return instants.filter((instant) => {
    if (!policyKeeps(keepEveryS, expectedIntervalS, last, instant)) return false;
    last = instant;
    return true;
  });
}

const start = Date.UTC(2026, 0, 1);
const instants = fc.array(fc.integer({ min: 0, max: 4 * QUARTER_MS }), { minLength: 1, maxLength: 200 });
const ascending = instants.map((offsets) =>
  [...new Set(offsets)].sort((a, b) => a - b).map((ms) => start + ms),
);
const minute = (instant: number) => Math.floor(instant / 60_000);

test("every minute that was seen has a kept reading, whatever the order of arrival", () => {
  fc.assert(
    fc.property(instants, (offsets) => {
      const seen = offsets.map((ms) => start + ms);
      const minutes = new Set(kept(seen).map(minute));
      for (const instant of seen) expect(minutes).toContain(minute(instant));
    }),
  );
});

test("another value of the instant that was kept is kept beside it, whichever came first", () => {
  fc.assert(
    fc.property(instants, (offsets) => {
      const seen = offsets.map((ms) => start + ms);
      let last: number | undefined;
      for (const instant of seen) {
        if (policyKeeps(KEEP_EVERY_S, null, last, instant)) last = instant;
        if (last === instant) expect(policyKeeps(KEEP_EVERY_S, null, last, instant)).toBe(true);
      }
    }),
  );
});

test("away from the boundaries a minute keeps one reading", () => {
  fc.assert(
    fc.property(ascending, (seen) => {
      const away = seen.filter((instant) => QUARTER_MS - (instant % QUARTER_MS) > BOUNDARY_MS);
      expect(kept(away).length).toBe(new Set(away.map(minute)).size);
    }),
  );
});

test("of a meter that sends every 1 to 10 s, the last reading before each boundary and the first from it on are kept", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1000, max: 10_000 }), { minLength: 300, maxLength: 400 }),
      (steps) => {
        let at = start + 1;
        const seen = steps.map((step) => (at += step));
        const stored = new Set(kept(seen));
        for (let i = 1; i < seen.length; i++) {
          const [before = 0, after = 0] = [seen[i - 1], seen[i]];
          if (Math.floor(before / QUARTER_MS) === Math.floor(after / QUARTER_MS)) continue;
          expect(stored).toContain(before);
          expect(stored).toContain(after);
        }
      },
    ),
  );
});

test("a longer registered interval widens the window before the boundary to one interval", () => {
  const boundary = start + QUARTER_MS;
  expect(policyKeeps(KEEP_EVERY_S, 30, boundary - 59_000, boundary - 30_000)).toBe(true);
  expect(policyKeeps(KEEP_EVERY_S, null, boundary - 59_000, boundary - 30_000)).toBe(false);
});

test("a register without a policy keeps everything", () => {
  fc.assert(
    fc.property(ascending, (seen) => {
      expect(kept(seen, null, 0)).toEqual(seen);
    }),
  );
});

test("a policy longer than a quarter-hour still keeps the first reading of each", () => {
  const seen = [start, start + 1, start + QUARTER_MS, start + QUARTER_MS + 1];
  expect(kept(seen, null, 3600)).toEqual([start, start + QUARTER_MS]);
});
