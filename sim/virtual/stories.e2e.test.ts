// Fifty stories in virtual time, those that failed once first: nothing lost, doubled or silently wrong, whatever befalls. Half a minute
// of one core, so not among the quick ones.
import { expect, test } from "vitest";
import { readFaults } from "../story/fault-kinds.ts";
import { isRightSeed, playSeed } from "./play-seed.ts";
import { explained, failingSeeds } from "./virtual-command.ts";

const SEEDS = 50;
const FAULTS = "all";

test("fifty seeds with all faults, and those that failed once", { timeout: 300_000 }, async () => {
  const stories = Array.from({ length: SEEDS }, (_, nth) => ({ seed: nth + 1, faults: FAULTS }));
  for (const { seed, faults } of [...failingSeeds(), ...stories]) {
    const report = await playSeed(seed, readFaults(faults).rates);
    expect(isRightSeed(report), explained(report).join("\n")).toBe(true);
  }
});
