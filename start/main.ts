// What `npm start`, `npm test`, `npm run check`, `sim` and `bench` do, on Node 26.
import { KoproError } from "#devices/error";
import { check } from "./check.ts";
import { run } from "./run.ts";
import { startAll } from "./start-all.ts";
import { testAll } from "./test-all.ts";

// A terminal that was closed takes no more lines; what has to be stopped is stopped all the same.
process.stdout.on("error", () => undefined);
process.stderr.on("error", () => undefined);

const COMMANDS: Readonly<Record<string, (args: readonly string[]) => Promise<number>>> = {
  start: startAll,
  test: testAll,
  check,
  sim: (args) => run("sim/main.ts", args),
  bench: (args) => run("sim/bench/main.ts", args),
};

const [first, ...rest] = process.argv.slice(2);
// `npm start -- --no-demo` gives options without a command.
const [name, args] =
  first === undefined || first.startsWith("-") ? ["start", process.argv.slice(2)] : [first, rest];
const command = COMMANDS[name];

if (command === undefined) {
  process.stderr.write(`"${name}" is not a command; there are ${Object.keys(COMMANDS).join(", ")}.\n`);
  process.exitCode = 2;
} else {
  try {
    process.exitCode = await command(args);
  } catch (error) {
    // A failure that has a code was foreseen: its sentence says all. Anything else is our mistake and shows its trace.
    if (!(error instanceof KoproError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
// The channel to start.mjs only says when that is gone; it must not keep this process.
if (process.connected) process.disconnect?.();
