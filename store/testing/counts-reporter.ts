// A vitest reporter that leaves the numbers of a run in a file, for the line at the end of `npm test`.
import { writeFileSync } from "node:fs";
import type { Reporter, TestModule } from "vitest/node";

export type TestCounts = { passed: number; failed: number; skipped: number };

/** What is needed of vitest's `TestModule`. */
export type CountedModule = {
  readonly errors: () => readonly unknown[];
  readonly children: {
    readonly allTests: () => Iterable<{ readonly result: () => { readonly state: string } }>;
  };
};

/** Counts the tests; a file that could not even be loaded, and an error outside of any test, is one failure each. */
export function countTests(modules: readonly CountedModule[], errorCount: number): TestCounts {
  const counts: TestCounts = { passed: 0, failed: errorCount, skipped: 0 };
  for (const module of modules) {
    counts.failed += module.errors().length;
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      // "pending" at the end of a run: it never ran, because the run was cut short.
      counts[state === "passed" || state === "failed" ? state : "skipped"] += 1;
    }
  }
  return counts;
}

export default class CountsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const file = process.env["KOPROGO_TEST_COUNTS_FILE"];
    if (file !== undefined) writeFileSync(file, JSON.stringify(countTests(modules, errors.length)));
  }
}
