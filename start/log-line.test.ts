// What of a process's log reaches the terminal.
import { expect, test } from "vitest";
import { terminalLine } from "./log-line.ts";

test("information stays in the log file", () => {
  expect(terminalLine("broker", `{"level":30,"msg":"ready"}`)).toBeUndefined();
  expect(terminalLine("broker", "")).toBeUndefined();
});

test("a warning and an error are shown as a sentence, with the message of their cause and without its trace", () => {
  expect(terminalLine("broker", `{"level":40,"msg":"slow"}`)).toBe("broker warning: slow");
  const line = JSON.stringify({
    level: 50,
    msg: "lost",
    err: { message: "refused", stack: "Error: refused\n at x" },
  });
  expect(terminalLine("api", line)).toBe("api error: lost (refused)");
});

test("what is no JSON is shown as it is", () => {
  expect(terminalLine("api", "Error: out of memory")).toBe("api: Error: out of memory");
  expect(terminalLine("api", "{ half a line")).toBe("api: { half a line");
});
