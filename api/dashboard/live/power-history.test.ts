// The stored minutes before the page was opened, as net power.
import { expect, test } from "vitest";
import { powerHistory } from "./power-history.ts";

const register = (name: string) => ({
  name,
  carrier: "electricity",
  quantity: "power",
  unit: "kW",
  tariff: null,
  direction: null,
  role: "main",
});
const at = (second: number, value: string) => ({
  observedAt: new Date(second * 1000).toISOString(),
  value,
  unit: "kW",
});

test("import and export of one telegram are one sample, whatever the order of the answers", () => {
  const imports = { register: register("1-0:1.7.0"), readings: [at(60, "0.5"), at(0, "1.0")] };
  const exports = { register: register("1-0:2.7.0"), readings: [at(0, "0.000"), at(60, "2.0")] };
  const expected = [
    { atMs: 0, netW: 1000 },
    { atMs: 60_000, netW: -1500 },
  ];
  expect(powerHistory([imports, exports])).toEqual(expected);
  expect(powerHistory([exports, imports])).toEqual(expected);
});

test("a meter that is silent for a moment counts with its last value", () => {
  const first = { register: register("1-0:1.7.0"), readings: [at(0, "1")] };
  const second = { register: register("1-0:1.7.0"), readings: [at(30, "2"), at(60, "x")] };
  expect(powerHistory([first, second])).toEqual([
    { atMs: 0, netW: 1000 },
    { atMs: 30_000, netW: 3000 },
  ]);
});
