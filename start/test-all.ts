// `npm test`: the whole suite on real services, and one plain line that says how it ended.
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { readConfig } from "#config";
import { buildDashboard } from "./dashboard.ts";
import { PROJECT, run } from "./run.ts";

/** Options after `npm test --` go to vitest, such as `--project db` or a part of a file's name. */
export async function testAll(args: readonly string[]): Promise<number> {
  readConfig(process.env);
  const folder = join(PROJECT, ".koprogo");
  const countsFile = join(folder, `test-counts-${process.pid}.json`);
  mkdirSync(folder, { recursive: true });
  await buildDashboard(join(folder, "logs/dashboard.log"), (line) => process.stdout.write(`${line}\n`));
  const reporters = ["--reporter=default", "--reporter=./store/testing/counts-reporter.ts"];
  const code = await run("vitest", ["run", ...reporters, ...args], {
    ...process.env,
    KOPROGO_TEST_COUNTS_FILE: countsFile,
  });
  // Without the file vitest did not get as far as its own summary: that is one failure.
  const counts = existsSync(countsFile)
    ? JSON.parse(readFileSync(countsFile, "utf8"))
    : { passed: 0, failed: 1, skipped: 0 };
  rmSync(countsFile, { force: true });
  // Vitest fails for more than tests, an error outside of any for one: the line must not say that all is well.
  const failed = code !== 0 && counts.failed === 0 ? 1 : counts.failed;
  process.stdout.write(`\n${counts.passed} passed, ${failed} failed, ${counts.skipped} skipped\n`);
  return failed === 0 ? 0 : code || 1;
}
