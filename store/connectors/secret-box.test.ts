// Secrets at rest: opened only under their key, for what they belong to, unchanged; the key file is made once and is ours alone.
import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openSecretBox, secretBoxOf } from "./secret-box.ts";

const KEY = Buffer.alloc(32, 7);
let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "secret-box-"))));
afterEach(() => rmSync(folder, { recursive: true }));

test("what was sealed opens again, and no two sealings are alike", () => {
  const box = secretBoxOf([KEY]);
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.string(), (secret, owner) => {
      const sealed = box.seal(secret, owner);
      expect(box.open(sealed, owner)).toBe(secret);
      expect(box.seal(secret, owner)).not.toEqual(sealed);
      if (secret.length > 3) expect(sealed.includes(Buffer.from(secret))).toBe(false);
    }),
  );
});

test("one bit changed, another owner, another key, or too little of it: it does not open, and does not throw", () => {
  const box = secretBoxOf([KEY]);
  const sealed = box.seal("hunter2", "17");
  for (let bit = 0; bit < sealed.length * 8; bit++) {
    const changed = Buffer.from(sealed);
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect(box.open(changed, "17")).toBeUndefined();
  }
  for (let length = 0; length < sealed.length; length++)
    expect(box.open(sealed.subarray(0, length), "17")).toBeUndefined();
  expect(box.open(sealed, "18")).toBeUndefined();
  expect(secretBoxOf([randomBytes(32)]).open(sealed, "17")).toBeUndefined();
});

test("a new key in front seals, the one before still opens, and says that it is old", () => {
  const before = secretBoxOf([KEY]);
  const sealed = before.seal("hunter2", "17");
  const after = secretBoxOf([randomBytes(32), KEY]);
  expect([after.open(sealed, "17"), after.isOld(sealed), before.isOld(sealed)]).toEqual([
    "hunter2",
    true,
    false,
  ]);
  const anew = after.seal("hunter2", "17");
  expect([after.isOld(anew), before.open(anew, "17")]).toEqual([false, undefined]);
});

const told: string[] = [];
const opened = (dataFolder: string, secretKey?: string) =>
  openSecretBox({
    secretKey,
    dataFolder,
    log: { warn: (fields, text) => told.push(JSON.stringify(fields), text) },
  });

test("the key file is made once, readable by its owner alone, and found again", () => {
  const data = join(folder, "data");
  const sealed = opened(data)?.seal("hunter2", "17") ?? Buffer.alloc(0);
  const file = join(data, "secret.key");
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(data)).toEqual(["secret.key"]);
  expect(Buffer.from(readFileSync(file, "utf8"), "base64")).toHaveLength(32);
  expect(opened(data)?.open(sealed, "17")).toBe("hunter2");
  const keys = `${randomBytes(32).toString("base64url")},${readFileSync(file, "utf8").trim()}`;
  expect(opened("/nowhere", keys)?.open(sealed, "17")).toBe("hunter2");
});

test("a file that holds no key, and a folder that is none, are said: there are no connectors then, and nothing is overwritten", () => {
  const file = join(folder, "secret.key");
  writeFileSync(file, "short");
  expect(opened(folder)).toBeUndefined();
  expect(readFileSync(file, "utf8")).toBe("short");
  expect(opened(file)).toBeUndefined();
  expect(told.join(" ")).toContain("KOPROGO_SECRET_KEY");
});
