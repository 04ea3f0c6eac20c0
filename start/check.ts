// `npm run check`: format, lint, types, dead code and unit tests, side by side, in under a minute.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { PROJECT, withOwnPrograms } from "./run.ts";

type Step = { readonly name: string; readonly command: readonly string[]; readonly needs?: string };

/** Two columns that run at the same time, each from top to bottom: the slow steps lie in different ones. */
const COLUMNS: readonly (readonly Step[])[] = [
  [
    {
      name: "unit tests",
      command: ["vitest", "run", "--project", "unit", "--maxWorkers", "1"],
    },
    { name: "dead code", command: ["knip"] },
  ],
  [
    { name: "format", command: ["oxfmt", "--check"] },
    { name: "types", command: ["node", "node_modules/@typescript/native/bin/tsc", "-p", "."] },
    { name: "lint", command: ["oxlint", "--deny-warnings"] },
    {
      name: "dashboard types",
      command: [
        "svelte-check",
        "--tsgo",
        "--workspace",
        "api/dashboard",
        "--fail-on-warnings",
        "--output",
        "human",
      ],
      needs: "api/dashboard/tsconfig.json",
    },
  ],
];

/** Resolves to 0 when every step passes; the output of those that do not is shown. */
export async function check(): Promise<number> {
  const results = await Promise.all(COLUMNS.map(runColumn));
  const failed = results.flat().filter((result) => result.code !== 0);
  for (const { name, output } of failed) process.stdout.write(`\n── ${name} ──\n${output.trim()}\n`);
  process.stdout.write(
    failed.length === 0 ? "\nAll checks pass.\n" : `\nFailed: ${failed.map(({ name }) => name).join(", ")}\n`,
  );
  return failed.length === 0 ? 0 : 1;
}

type Result = { readonly name: string; readonly code: number; readonly output: string };

async function runColumn(steps: readonly Step[]): Promise<Result[]> {
  const results: Result[] = [];
  for (const step of steps) {
    if (step.needs !== undefined && !existsSync(join(PROJECT, step.needs))) continue;
    const startedMs = performance.now();
    const result = await runStep(step);
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
    process.stdout.write(
      `${result.code === 0 ? "✓" : "✗"} ${step.name.padEnd(16)} ${seconds.padStart(5)} s\n`,
    );
    results.push(result);
  }
  return results;
}

function runStep({ name, command }: Step): Promise<Result> {
  const [program = "", ...args] = command;
  return new Promise((resolve) => {
    let output = "";
    const child = spawn(program, args, {
      cwd: PROJECT,
      stdio: ["ignore", "pipe", "pipe"],
      env: withOwnPrograms({ ...process.env, FORCE_COLOR: process.stdout.isTTY ? "1" : "0" }),
    });
    const collect = (bytes: Buffer): void => {
      output += bytes.toString();
    };
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    child.once("error", (error) => resolve({ name, code: 1, output: error.message }));
    child.once("close", (code) => resolve({ name, code: code ?? 1, output }));
  });
}
