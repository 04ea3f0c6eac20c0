// The numbers at the end of `npm test`: nothing that went wrong may be missing in them.
import { expect, test } from "vitest";
import { countTests, type CountedModule } from "./counts-reporter.ts";

function module(states: readonly string[], errorCount = 0): CountedModule {
  return {
    errors: () => Array.from({ length: errorCount }),
    children: { allTests: () => states.map((state) => ({ result: () => ({ state }) })) },
  };
}

test("tests are counted by how they ended; what never ran counts as skipped", () => {
  const modules = [module(["passed", "failed"]), module(["passed", "skipped", "pending"])];
  expect(countTests(modules, 0)).toEqual({ passed: 2, failed: 1, skipped: 2 });
});

test("a file that could not be loaded and an error outside of any test are failures", () => {
  expect(countTests([module([], 1)], 2)).toEqual({ passed: 0, failed: 3, skipped: 0 });
});
