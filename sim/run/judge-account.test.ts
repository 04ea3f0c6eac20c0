// A register's account is settled to the watt-hour, whatever its index did on the way.
import { expect, test } from "vitest";
import { MINUTE_MS } from "#devices/time";
import { unaccounted } from "./judge-account.ts";

const readingsOf = (...values: string[]) =>
  values.map((value, minute) => ({ observedAt: new Date(minute * MINUTE_MS).toISOString(), value }));
const account = { register: "r", unit: "kWh", readings: readingsOf("1.000", "0.250", "3.250") };

test("quarter-hours and pieces are the difference of the index, a reset and all, or what is missing of it", () => {
  expect(unaccounted({ ...account, quarters: 3000, pieces: -750 })).toBe(0);
  expect(unaccounted({ ...account, quarters: 3001, pieces: -750 })).toBe(1);
  expect(unaccounted({ ...account, quarters: 3000, pieces: 0 })).toBe(750);
  expect(
    unaccounted({ ...account, unit: "Wh", readings: readingsOf("5", "9.00"), quarters: 4, pieces: 0 }),
  ).toBe(0);
});

test("nothing was told: nothing is there", () => {
  expect(unaccounted({ ...account, readings: [], quarters: 0, pieces: 0 })).toBe(0);
  expect(unaccounted({ ...account, readings: [], quarters: 0, pieces: 3 })).toBe(3);
});

test("a counter with all bits set is no end, and of two values of one instant either counts", () => {
  const full = readingsOf("4294967.295", "1.000", "2.000", "4294967295");
  expect(unaccounted({ ...account, readings: full, quarters: 1000, pieces: 0 })).toBe(0);
  const twice = [
    ...readingsOf("1.000", "2.000"),
    { observedAt: new Date(MINUTE_MS).toISOString(), value: "2.500" },
  ];
  for (const quarters of [1000, 1500])
    expect(unaccounted({ ...account, readings: twice, quarters, pieces: 0 })).toBe(0);
  expect(unaccounted({ ...account, readings: twice, quarters: 1250, pieces: 0 })).not.toBe(0);
});

test("where a slip has not ended, the index ends before it, or with a reading that only may be of it", () => {
  const slipping = { ...account, readings: readingsOf("1.000", "3.000", "3.500", "3600.000", "3700.000") };
  const isOfSlip = ({ value }: { readonly value: string }) => Number(value) > 3;
  expect(unaccounted({ ...slipping, quarters: 2500, pieces: 0 }, isOfSlip)).toBe(0);
  expect(unaccounted({ ...slipping, quarters: 2000, pieces: 0 }, isOfSlip)).toBe(0);
  expect(unaccounted({ ...slipping, quarters: 1900, pieces: 0 }, isOfSlip)).toBe(-100);
  expect(unaccounted({ ...slipping, quarters: 2500, pieces: 0 })).not.toBe(0);
});
