// Many supply points together: their loads added, and shares that no single gap speaks for.
import fc from "fast-check";
import { expect, test } from "vitest";
import { DAY_MS, QUARTERS_PER_UTC_DAY, utcDay } from "#devices/time";
import { QuarterCode } from "#devices/vocabulary";
import type { RegisterDays } from "#store";
import { loadSeries } from "./load-series.ts";
import { sumLoads } from "./sum-loads.ts";

const DAY = Date.UTC(2026, 2, 29);
const SPAN = { fromMs: DAY, toMs: DAY + DAY_MS, timezone: "Europe/Brussels", quantity: "energy" } as const;

const register = (supplyPointId: number) =>
  fc
    .uint8Array({ minLength: QUARTERS_PER_UTC_DAY, maxLength: QUARTERS_PER_UTC_DAY, max: 5 })
    .map((statuses): RegisterDays => {
      const quarters = Buffer.alloc(4 * QUARTERS_PER_UTC_DAY);
      for (const [slot, status] of statuses.entries()) {
        if (status !== QuarterCode.missing) quarters.writeInt32LE(10 * supplyPointId + (slot % 7), 4 * slot);
      }
      const row = { day: utcDay(DAY), quarters, statuses: Buffer.from(statuses), revision: 1 };
      return { registerId: supplyPointId, supplyPointId, fromMs: -Infinity, toMs: Infinity, days: [row] };
    });

test("of one supply point it is its load", () => {
  fc.assert(
    fc.property(register(1), fc.constantFrom("hour", "day", "month"), (one, resolution) => {
      expect(sumLoads({ ...SPAN, resolution, supplyPoints: [[one]] })).toEqual(
        loadSeries({ ...SPAN, resolution, series: [one] }),
      );
    }),
    { numRuns: 30 },
  );
});

test("energy and power are those of all of them added, the shares the mean of theirs", () => {
  fc.assert(
    fc.property(fc.tuple(register(1), register(2), register(3)), (series) => {
      const supplyPoints = series.map((one) => [one]);
      const [sum] = sumLoads({ ...SPAN, resolution: "month", supplyPoints });
      const [added] = loadSeries({ ...SPAN, resolution: "month", series });
      expect(sum).toMatchObject({ value: added?.value, maxPowerW: added?.maxPowerW });
      const own = series.map((one) => loadSeries({ ...SPAN, resolution: "month", series: [one] })[0]);
      for (const share of ["measured", "estimated", "missing"] as const) {
        const mean = own.reduce((total, point) => total + (point?.quality[share] ?? 0), 0) / 3;
        expect(sum?.quality[share]).toBeCloseTo(mean, 5);
      }
    }),
    { numRuns: 30 },
  );
});

test("of nobody nothing is known", () => {
  expect(sumLoads({ ...SPAN, resolution: "month", supplyPoints: [] })).toMatchObject([
    { value: null, maxPowerW: null, quality: { measured: 0, estimated: 0, missing: 1 } },
  ]);
});
