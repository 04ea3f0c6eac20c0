// Faults as they are named on the command line.
import { expect, test } from "vitest";
import { FAULT_KINDS, readFaults, usualRates } from "./fault-kinds.ts";

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
