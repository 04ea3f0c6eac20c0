// A supply point's registers packed into one stretch: what is half missing is missing, whole UTC days around the span.
import fc from "fast-check";
import { expect, test } from "vitest";
import { DAY_MS, HOUR_MS, QUARTERS_PER_UTC_DAY, utcDay, utcDayNumber, utcDayStartMs } from "#devices/time";
import { QuarterCode } from "#devices/vocabulary";
import type { PackedDays, RegisterDays } from "#store";
import { packAlone, packSupplyPoint } from "./supply-point-series.ts";

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

test("one row alone is packed as when its days are cut and added", () => {
  const quarter = fc.record({ wh: fc.nat(1000), status: fc.integer({ min: 0, max: 5 }) });
  const day = fc.array(quarter, { minLength: QUARTERS_PER_UTC_DAY, maxLength: QUARTERS_PER_UTC_DAY });
  const days = fc.dictionary(fc.constantFrom("-2", "-1", "0", "1", "2"), day);
  fc.assert(
    fc.property(days, fc.nat(30), fc.integer({ min: 1, max: 30 }), (filled, hours, length) => {
      const one = registerOf(filled);
      const fromMs = FROM_MS + hours * HOUR_MS;
      const toMs = fromMs + length * HOUR_MS;
      const alone = packAlone(POINT, [uncut(one)], fromMs, toMs);
      expect(alone).toEqual(packSupplyPoint(POINT, [one], fromMs, toMs));
    }),
  );
});

test("nothing, two rows, or a register that began or ended within the days are not alone", () => {
  const one = uncut(register(1));
  const pack = (rows: readonly PackedDays[]) => packAlone(POINT, rows, FROM_MS, FROM_MS + DAY_MS);
  expect(pack([{ ...one, fromMs: FROM_MS, toMs: FROM_MS + DAY_MS }])).toEqual(pack([one]));
  expect(pack([one])).toBeDefined();
  expect(pack([])).toBeUndefined();
  expect(pack([one, one])).toBeUndefined();
  expect(pack([{ ...one, fromMs: FROM_MS + 1 }])).toBeUndefined();
  expect(pack([{ ...one, toMs: FROM_MS + DAY_MS - 1 }])).toBeUndefined();
});

function uncut({ days, ...register }: RegisterDays): PackedDays {
  return {
    ...register,
    dayNumbers: days.map(({ day }) => utcDayNumber(utcDayStartMs(day))),
    revisions: days.map(({ revision }) => revision),
    quarters: Buffer.concat(days.map(({ quarters }) => quarters)),
    statuses: Buffer.concat(days.map(({ statuses }) => statuses)),
  };
}

type Quarter = { readonly wh: number; readonly status: number };

/** Days by their distance from the first. */
function registerOf(filled: Readonly<Record<string, readonly Quarter[]>>): RegisterDays {
  const days = Object.entries(filled)
    .toSorted(([left], [right]) => Number(left) - Number(right))
    .map(([distance, quarters]) => {
      const packed = Buffer.alloc(4 * quarters.length);
      for (const [slot, { wh }] of quarters.entries()) packed.writeInt32LE(wh, 4 * slot);
      const statuses = Buffer.from(quarters.map(({ status }) => status));
      return { day: utcDay(FROM_MS + Number(distance) * DAY_MS), quarters: packed, statuses, revision: 1 };
    });
  return { registerId: 1, supplyPointId: POINT.supplyPointId, fromMs: -Infinity, toMs: Infinity, days };
}
