// A file's state has words, its days a bar each; nothing of what it changes is lost in the drawing.
import fc from "fast-check";
import { expect, test } from "vitest";
import { IMPORT_STATES } from "../../schemas/index.ts";
import type { ImportChange, ImportDay } from "../data/imports.ts";
import {
  changesNothing,
  dayStrip,
  EFFECTS,
  inReadingOrder,
  isMoving,
  readShare,
  STATE_TEXTS,
  toneOf,
} from "./import-view.ts";

const day = (date: string, fields: Partial<ImportDay> = {}): ImportDay => ({
  day: date,
  energyWh: 100,
  added: 96,
  replaced: 0,
  unchanged: 0,
  kept: 0,
  ...fields,
});

function change(fields: Partial<ImportChange> = {}): ImportChange {
  return {
    supplyPointId: "1",
    code: null,
    direction: "import",
    from: "2026-01-01T00:00:00Z",
    to: "2026-01-02T00:00:00Z",
    resolutionS: 900,
    energyWh: 100,
    days: [],
    truncated: false,
    withheld: false,
    added: 0,
    replaced: 0,
    unchanged: 96,
    kept: 0,
    ...fields,
  };
}

test("every state has words and a tone, and only what goes on by itself is asked for again", () => {
  expect(Object.keys(STATE_TEXTS).toSorted()).toEqual([...IMPORT_STATES].toSorted());
  expect(IMPORT_STATES.filter((state) => isMoving({ state }))).toEqual(["staged", "committing"]);
  expect(IMPORT_STATES.map((state) => toneOf({ state }))).toEqual([
    "works",
    "waits",
    "works",
    "good",
    "alarm",
  ]);
});

test("the share read is between nothing and all, also of an empty file", () => {
  const share = (bytesRead: number, bytesTotal: number) => readShare({ progress: { bytesRead, bytesTotal } });
  expect([share(0, 0), share(5, 10), share(10, 10)]).toEqual([0, 0.5, 1]);
});

test("nothing is changed only where that is known of every supply point", () => {
  expect(changesNothing([change(), change({ unchanged: 0, kept: 9 })])).toBe(true);
  expect(changesNothing([change(), change({ added: 1 })])).toBe(false);
  expect(changesNothing([change({ replaced: 1 })])).toBe(false);
  const withheld = change({ withheld: true, added: null, replaced: null, unchanged: null, kept: null });
  expect(changesNothing([withheld])).toBe(false);
  expect(changesNothing([])).toBe(false);
});

test("a supply point's directions stay together, what is drawn first", () => {
  const of = (supplyPointId: string, direction: "import" | "export") => change({ supplyPointId, direction });
  const preview = [of("9", "export"), of("9", "import"), of("2", "import")];
  const ordered = inReadingOrder(preview).map(
    ({ supplyPointId, direction }) => `${supplyPointId} ${direction}`,
  );
  expect(ordered).toEqual(["9 import", "9 export", "2 import"]);
});

test("a day that the file leaves out keeps its place empty", () => {
  const strip = dayStrip([day("2026-03-28"), day("2026-03-30"), day("2026-04-01")]);
  expect(strip.bars.map(({ place }) => place)).toEqual([0, 2, 4]);
  expect(strip.length).toBe(5);
  expect(dayStrip([])).toEqual({ bars: [], length: 0 });
});

test("a day without consumption is still seen", () => {
  const [quiet] = dayStrip([day("2026-01-01", { energyWh: 0 }), day("2026-01-02")]).bars;
  expect(quiet?.segments[0]?.height).toBeGreaterThan(0);
});

test("a bar is as high as its energy, its parts stacked without gap in the shares of their quarter-hours", () => {
  const count = fc.integer({ min: 0, max: 100 });
  const some = fc.record({
    energyWh: fc.integer({ min: 0, max: 1e9 }),
    added: count,
    replaced: count,
    unchanged: count,
    kept: count,
  });
  fc.assert(
    fc.property(fc.array(some, { minLength: 1, maxLength: 40 }), (days) => {
      const dated = days.map((one, index) =>
        day(new Date(Date.UTC(2025, 0, 1 + index)).toISOString().slice(0, 10), one),
      );
      const most = Math.max(1, ...days.map(({ energyWh }) => energyWh));
      for (const [index, { segments }] of dayStrip(dated).bars.entries()) {
        const own = dated[index];
        if (own === undefined) throw new Error("a bar too many");
        const quarters = EFFECTS.reduce((sum, effect) => sum + own[effect], 0);
        const high = quarters === 0 ? 0 : Math.max(0.02, own.energyWh / most);
        let top = 0;
        for (const { effect, bottom, height } of segments) {
          expect(bottom).toBeCloseTo(top, 9);
          expect(height).toBeCloseTo((high * own[effect]) / quarters, 9);
          top += height;
        }
        expect(top).toBeCloseTo(high, 9);
        expect(top).toBeLessThanOrEqual(1 + 1e-9);
      }
    }),
  );
});
