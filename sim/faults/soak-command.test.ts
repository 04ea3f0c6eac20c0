// The soak's command line.
import { expect, test } from "vitest";
import { readSoakOptions } from "./soak-command.ts";

test("two hundred schedules from seed 1 are the default", () => {
  expect(readSoakOptions([])).toEqual({ schedules: 200, seed: 1 });
  expect(readSoakOptions(["--schedules", "3", "--seed", "9"])).toEqual({ schedules: 3, seed: 9 });
});

test("every option at fault is named", () => {
  expect(() => readSoakOptions(["--schedules", "0", "--seed", "-"])).toThrow(/--schedules .*\n--seed/);
});
