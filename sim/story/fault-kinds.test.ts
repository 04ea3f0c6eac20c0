// Faults as they are named on the command line.
import { expect, test } from "vitest";
import { drawSome, FAULT_KINDS, readFaults, usualRates } from "./fault-kinds.ts";

test("names are faults at their usual rate, or at one of their own", () => {
  const { rates, unknown } = readFaults("duplicates, reorder:0.3,,swap");
  expect(unknown).toEqual([]);
  expect([...rates]).toEqual([...usualRates(["duplicates"]), ["reorder", 0.3], ...usualRates(["swap"])]);
});

test("all are all", () => {
  expect([...readFaults("all").rates.keys()]).toEqual([...FAULT_KINDS]);
});

test("what has no rate does not happen", () => {
  const { rates, unknown } = readFaults("all,kill:0");
  expect(unknown).toEqual([]);
  expect(rates.size).toBe(FAULT_KINDS.length - 1);
  expect(rates.has("kill")).toBe(false);
});

test("what is no fault, and a rate that is none, are named", () => {
  expect(readFaults("resett,loss:much,skew:-1,glitch").unknown).toEqual(["resett", "loss:much", "skew:-1"]);
});

test("a seed draws some of the faults that there may be, each at its rate: often all, often one or two alone", () => {
  const { rates } = readFaults("all,loss:0.5,slow:0");
  const drawn = Array.from({ length: 400 }, (_, seed) => drawSome(rates, seed));
  expect(drawn.every((some) => [...some].every(([kind, rate]) => rates.get(kind) === rate))).toBe(true);
  expect(drawn.map((some) => [...some])).toEqual(drawn.map((_, seed) => [...drawSome(rates, seed)]));
  const sizes = Map.groupBy(drawn, ({ size }) => size);
  for (const size of [1, 2, rates.size]) expect(sizes.get(size)?.length).toBeGreaterThan(40);
  const alone = (sizes.get(1) ?? []).flatMap((some) => [...some.keys()]);
  expect(new Set(alone)).toEqual(new Set(rates.keys()));
  expect(drawSome(new Map(), 1).size).toBe(0);
});
