// The box at the end of a start.
import { expect, test } from "vitest";
import { accountsOf, summaryBox } from "./summary.ts";

test("every line of the box has the same width, and every account is in it", () => {
  const box = summaryBox({
    dashboard: "http://127.0.0.1:8080",
    mqtt: "mqtt://127.0.0.1:1883",
    metrics: { broker: "http://127.0.0.1:9464/metrics", analytics: "http://127.0.0.1:9465/metrics" },
    accounts: [
      { role: "admin", email: "a@example.org", password: "first secret" },
      { role: "coordinator", email: "longer@example.org", password: "second" },
    ],
    notes: ["a note"],
  });
  const lines = box.split("\n");
  expect(new Set(lines.map((line) => line.length)).size).toBe(1);
  for (const text of [
    "http://127.0.0.1:8080",
    "9465/metrics (analytics)",
    "first secret",
    "longer@example.org",
    "a note",
  ]) {
    expect(box).toContain(text);
  }
});

test("a message without accounts, or with others than expected, shows none", () => {
  const account = { role: "admin", email: "a@example.org", password: "secret" };
  expect(accountsOf({ ready: true, accounts: [account] })).toEqual([account]);
  expect(accountsOf({ ready: true })).toEqual([]);
  expect(accountsOf({ accounts: [{ role: "admin" }] })).toEqual([]);
});
