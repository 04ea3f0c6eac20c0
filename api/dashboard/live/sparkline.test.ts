// The live curve stays in its box, keeps zero on the scale, and never draws over a silence.
import fc from "fast-check";
import { expect, test } from "vitest";
import { sparklineOf } from "./sparkline.ts";

const WINDOW = { fromMs: 0, toMs: 900_000 };
const BOX = { width: 300, height: 80 };

test("every point lies in the box", () => {
  const samples = fc
    .uniqueArray(fc.integer({ min: 0, max: 900_000 }), { minLength: 2 })
    .chain((times) =>
      fc.tuple(
        fc.constant(times.sort((a, b) => a - b)),
        fc.array(fc.integer({ min: -1e6, max: 1e6 }), { minLength: times.length, maxLength: times.length }),
      ),
    )
    .map(([times, powers]) => times.map((atMs, index) => ({ atMs, netW: powers[index] ?? 0 })));
  fc.assert(
    fc.property(samples, (list) => {
      const drawn = sparklineOf(list, WINDOW, BOX);
      const points = [...(drawn?.line ?? "").matchAll(/(-?[\d.]+) (-?[\d.]+)/g)];
      expect(points).toHaveLength(list.length);
      for (const [, x, y] of points) {
        expect(Number(x)).toBeGreaterThanOrEqual(0);
        expect(Number(x)).toBeLessThanOrEqual(BOX.width);
        expect(Number(y)).toBeGreaterThanOrEqual(0);
        expect(Number(y)).toBeLessThanOrEqual(BOX.height);
      }
      expect(drawn?.zeroY).toBeGreaterThanOrEqual(0);
      expect(drawn?.zeroY).toBeLessThanOrEqual(BOX.height);
    }),
  );
});

test("a silence breaks the line", () => {
  const drawn = sparklineOf(
    [
      { atMs: 0, netW: 1 },
      { atMs: 60_000, netW: 1 },
      { atMs: 600_000, netW: 1 },
    ],
    WINDOW,
    BOX,
  );
  expect(drawn?.line.match(/M/g)).toHaveLength(2);
});

test("one sample is no line", () => {
  expect(sparklineOf([{ atMs: 0, netW: 1 }], WINDOW, BOX)).toBeUndefined();
});
