// Fifty stories in virtual time, those that failed once first: nothing lost, doubled or silently wrong, whatever befalls.
import { expect, test } from "vitest";
import { readFaults } from "../story/fault-kinds.ts";
import { isRightSeed, playSeed } from "./play-seed.ts";
import { explained, failingSeeds, readVirtualOptions } from "./virtual-command.ts";

const SEEDS = 50;
/** A unit that slips for hours is told by the validation, not by the quarter-hours (README, known gaps). */
const FAULTS = "all,slip:0";

test("fifty seeds with all faults but one, and those that failed once", { timeout: 300_000 }, async () => {
  const stories = Array.from({ length: SEEDS }, (_, nth) => ({ seed: nth + 1, faults: FAULTS }));
  for (const { seed, faults } of [...failingSeeds(), ...stories]) {
    const report = await playSeed(seed, readFaults(faults).rates);
    expect(isRightSeed(report), explained(report).join("\n")).toBe(true);
  }
});

test("a seed is the same story with the same end, to the byte", async () => {
  const { rates } = readFaults("all");
  expect(await playSeed(7, rates)).toEqual(await playSeed(7, rates));
});

test("every option at fault is named", () => {
  expect(readVirtualOptions([])).toEqual({ seeds: 100, seed: 1, faults: "all" });
  const wrong = ["--seeds", "0", "--seed", "x", "--faults", "loss,thunder"];
  expect(() => readVirtualOptions(wrong)).toThrow(/--seeds .*\n--seed .*\n--faults does not know thunder/);
});
