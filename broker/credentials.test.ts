// Credentials: asked of the store once per storm, forgotten in seconds, never accepted when the store is silent.
import { expect, test } from "vitest";
import { Credentials, deviceIdOf, hashSecret } from "./credentials.ts";

const device = {
  id: 17,
  buildingId: 1,
  profile: "senml",
  expectedIntervalS: null,
  timezone: "Europe/Brussels",
  parentId: null,
} as const;
const right = hashSecret(Buffer.from("right"));
const wrong = hashSecret(Buffer.from("wrong"));
const bounds = { credentialCacheMs: 1000, credentialCacheCountMax: 2, authenticateWithinMs: 20 };

function setUp() {
  let nowMs = 0;
  let asked = 0;
  let revoked = false;
  const credentials = new Credentials(
    async (_id, hash) => {
      asked++;
      return !revoked && hash.equals(right) ? device : undefined;
    },
    { now: () => nowMs },
    bounds,
  );
  return {
    credentials,
    asked: () => asked,
    revoke: () => void (revoked = true),
    wait: (ms: number) => void (nowMs += ms),
  };
}

test("many connections at once ask the store once", async () => {
  const { credentials, asked } = setUp();
  const answers = await Promise.all(Array.from({ length: 50 }, () => credentials.verify(17, right)));
  expect(answers.every((answer) => answer === device)).toBe(true);
  expect(asked()).toBe(1);
});

test("a revoked credential is refused as soon as the cache forgets it", async () => {
  const { credentials, revoke, wait } = setUp();
  expect(await credentials.verify(17, right)).toBe(device);
  revoke();
  wait(1000);
  expect(await credentials.verify(17, right)).toBeUndefined();
});

test("wrong secrets are not remembered and evict nobody", async () => {
  const { credentials, asked } = setUp();
  await credentials.verify(17, right);
  for (let guess = 0; guess < 10; guess++) expect(await credentials.verify(17, wrong)).toBeUndefined();
  await credentials.verify(17, right);
  expect(asked()).toBe(11);
});

test("the cache is bounded", async () => {
  const { credentials, asked } = setUp();
  for (const id of [1, 2, 3, 1]) await credentials.verify(id, right);
  expect(asked()).toBe(4);
});

test("a store that does not answer in time is an error, not a refusal", async () => {
  const silent = new Credentials(() => new Promise(() => undefined), { now: () => 0 }, bounds);
  await expect(silent.verify(17, right)).rejects.toThrow("no answer within 20 ms");
});

test("only plain positive decimals are device ids", () => {
  expect(deviceIdOf("17")).toBe(17);
  for (const text of ["", "0", "017", "-1", "1.0", "1e3", " 17", "17\0", "١٧", "12345678901"]) {
    expect(deviceIdOf(text), text).toBeUndefined();
  }
});
