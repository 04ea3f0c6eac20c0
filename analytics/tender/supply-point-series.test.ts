// A supply point's registers packed into one stretch: what is half missing is missing, whole UTC days around the span.
import { expect, test } from "vitest";
import { DAY_MS, HOUR_MS, QUARTERS_PER_UTC_DAY, utcDay, utcDayNumber } from "#devices/time";
import { QuarterCode } from "#devices/vocabulary";
import type { RegisterDays } from "#store";
import { packSupplyPoint } from "./supply-point-series.ts";

const FROM_MS = Date.UTC(2026, 4, 4);
const POINT = { supplyPointId: 5, participantId: 2 };

/** Every quarter-hour of two days the same, but for those named. */
function register(wh: number, statuses: Readonly<Record<number, number>> = {}): RegisterDays {
  const days = [0, 1].map((index) => {
    const quarters = Buffer.alloc(4 * QUARTERS_PER_UTC_DAY);
    const codes = Buffer.alloc(QUARTERS_PER_UTC_DAY, QuarterCode.measured);
    for (let slot = 0; slot < QUARTERS_PER_UTC_DAY; slot++) {
      quarters.writeInt32LE(wh, 4 * slot);
      codes.writeUInt8(statuses[slot] ?? QuarterCode.measured, slot);
    }
    return { day: utcDay(FROM_MS + index * DAY_MS), quarters, statuses: codes, revision: 1 };
  });
  return { registerId: wh, supplyPointId: POINT.supplyPointId, fromMs: -Infinity, toMs: Infinity, days };
}

test("two tariff registers add up, with the worse status; half of a supply point is missing", () => {
  const registers = [register(10, { 3: QuarterCode.interpolated, 4: QuarterCode.missing }), register(7)];
  const packed = packSupplyPoint(POINT, registers, FROM_MS, FROM_MS + DAY_MS);
  expect(packed).toMatchObject({ ...POINT, firstDay: utcDayNumber(FROM_MS) });
  expect(packed.quarters).toHaveLength(QUARTERS_PER_UTC_DAY);
  expect([...packed.quarters.subarray(2, 6)]).toEqual([17, 17, 0, 17]);
  expect([...packed.statuses.subarray(2, 6)]).toEqual([4, 3, 0, 4]);
});

test("the UTC days that touch the span are whole, and without a row they are missing", () => {
  const packed = packSupplyPoint(POINT, [register(1)], FROM_MS - HOUR_MS, FROM_MS + HOUR_MS);
  expect(packed.firstDay).toBe(utcDayNumber(FROM_MS) - 1);
  expect(packed.statuses).toHaveLength(2 * QUARTERS_PER_UTC_DAY);
  expect(packed.statuses.subarray(0, QUARTERS_PER_UTC_DAY).every((code) => code === 0)).toBe(true);
  expect(packed.quarters.reduce((sum, wh) => sum + wh, 0)).toBe(QUARTERS_PER_UTC_DAY);
});

test("more than fits is refused, not cut", () => {
  const huge = [register(2 ** 30), register(2 ** 30 + 1)];
  expect(() => packSupplyPoint(POINT, huge, FROM_MS, FROM_MS + DAY_MS)).toThrow(
    "Supply point 5: 2147483649 Wh",
  );
});
