// A story in virtual time ends the same, however often it is told.
import { expect, test } from "vitest";
import { readFaults } from "../story/fault-kinds.ts";
import { playSeed } from "./play-seed.ts";
import { readVirtualOptions } from "./virtual-command.ts";

test("a seed is the same story with the same end, to the byte", async () => {
  const { rates } = readFaults("all");
  expect(await playSeed(7, rates)).toEqual(await playSeed(7, rates));
});

test("every option at fault is named", () => {
  expect(readVirtualOptions([])).toEqual({ seeds: 100, seed: 1, faults: "all" });
  const wrong = ["--seeds", "0", "--seed", "x", "--faults", "loss,thunder"];
  expect(() => readVirtualOptions(wrong)).toThrow(/--seeds .*\n--seed .*\n--faults does not know thunder/);
});
