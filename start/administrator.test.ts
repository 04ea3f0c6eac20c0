// The administrator's account: given, or made once and kept for the owner's eyes.
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { administrator } from "./administrator.ts";

const NONE = { email: undefined, password: undefined };
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "koprogo-administrator-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("a generated account is long enough, stays the same, and is readable by its owner only", () => {
  const first = administrator(folder, NONE);
  expect(first.password.length).toBeGreaterThanOrEqual(12);
  expect(administrator(folder, NONE)).toEqual(first);
  expect(statSync(join(folder, "demo.json")).mode & 0o777).toBe(0o600);
});

test("what the environment gives wins, and the rest is generated", () => {
  const given = { email: "a@example.org", password: "a long password" };
  expect(administrator(folder, given)).toEqual(given);
  const partly = administrator(folder, { email: "b@example.org", password: undefined });
  expect(partly.email).toBe("b@example.org");
  expect(partly.password.length).toBeGreaterThanOrEqual(12);
});
