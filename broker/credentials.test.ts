// Credentials: a storm asks the store a few times, answers are forgotten in seconds, and a silent store accepts nobody.
import { expect, test } from "vitest";
import type { Claim, DeviceContext } from "#store";
import { Credentials, deviceIdOf, hashSecret, type LookUp, type Proof } from "./credentials.ts";

const device = {
  id: 17,
  buildingId: 1,
  profile: "senml",
  expectedIntervalS: null,
  timezone: "Europe/Brussels",
  parentId: null,
} as const;
const secret = (text: string): Proof => ({ kind: "secret", secretHash: hashSecret(Buffer.from(text)) });
const right = secret("right");
const wrong = secret("wrong");
const bounds = {
  credentialCacheMs: 1000,
  credentialCacheCountMax: 2,
  authenticateWithinMs: 20,
  lookUpEveryMs: 5,
  lookUpCountMax: 1000,
  lookUpWaitingMax: 20_000,
};

function isRight({ proof }: Claim): boolean {
  return proof.kind === "secret" && proof.secretHash.equals(hashSecret(Buffer.from("right")));
}

function setUp(limits: Partial<typeof bounds> = {}) {
  let nowMs = 0;
  let asked = 0;
  let revoked = false;
  const lookUp: LookUp = async (claims) => {
    asked++;
    return claims.map((claim) =>
      !revoked && isRight(claim) ? { ...device, id: claim.deviceId } : undefined,
    );
  };
  const credentials = new Credentials(lookUp, { now: () => nowMs }, { ...bounds, ...limits });
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
  expect(answers).toEqual(answers.map(() => device));
  expect(asked()).toBe(1);
});

test("10,000 different devices at once are ten questions of a thousand", async () => {
  const { credentials, asked } = setUp({ authenticateWithinMs: 10_000 });
  const answers = await Promise.all(
    Array.from({ length: 10_000 }, (_, index) => credentials.verify(index + 1, index % 2 ? right : wrong)),
  );
  expect(answers.map((answer) => answer?.id)).toEqual(
    answers.map((_, index) => (index % 2 ? index + 1 : undefined)),
  );
  expect(asked()).toBe(10);
});

test("what changed while the store was being asked is asked again, and is not remembered from before", async () => {
  let access = true;
  const answers: (() => void)[] = [];
  const credentials = new Credentials(
    async (claims) => {
      const then = access;
      await new Promise<void>((resolve) => void answers.push(resolve));
      return claims.map((): DeviceContext | undefined => (then ? device : undefined));
    },
    { now: () => 0 },
    { ...bounds, authenticateWithinMs: 5000 },
  );
  const next = async (): Promise<void> => {
    while (answers.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    answers.shift()?.();
  };
  const verified = credentials.verify(17, right);
  while (answers.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  access = false;
  credentials.forget(17);
  await next();
  await next();
  expect(await verified).toBeUndefined();
  expect(credentials.knows(17, right)).toBe(false);
});

test("a forgotten device is asked for again, and the others are not", async () => {
  const { credentials, asked } = setUp();
  await credentials.verify(17, right);
  await credentials.verify(18, right);
  credentials.forget(17);
  expect([credentials.knows(17, right), credentials.knows(18, right)]).toEqual([false, true]);
  await credentials.verify(18, right);
  expect(asked()).toBe(2);
});

test("a revoked credential is refused as soon as the cache forgets it", async () => {
  const { credentials, revoke, wait } = setUp();
  expect(await credentials.verify(17, right)).toEqual(device);
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

test("a clock that is set back makes a credential due, not known for longer", async () => {
  const { credentials, revoke, wait } = setUp();
  await credentials.verify(17, right);
  revoke();
  wait(-1);
  expect(credentials.knows(17, right)).toBe(false);
  expect(await credentials.verify(17, right)).toBeUndefined();
});

test("after a silence of the store it is asked for those that still wait, and for nobody who has given up", async () => {
  const asked: number[] = [];
  let isSilent = true;
  let nowMs = 0;
  const credentials = new Credentials(
    async (claims) => {
      if (isSilent) return new Promise(() => undefined);
      asked.push(...claims.map(({ deviceId }) => deviceId));
      return claims.map(() => device);
    },
    { now: () => nowMs },
    { ...bounds, authenticateWithinMs: 200, lookUpCountMax: 10 },
  );
  const gone = Array.from({ length: 100 }, (_, index) => credentials.verify(index + 1, wrong));
  const answers = await Promise.allSettled(gone);
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set(["rejected"]));
  nowMs = 200;
  isSilent = false;
  expect(await credentials.verify(1000, right)).toEqual(device);
  expect(asked).toEqual([1000]);
});

test("those that wait for the store are bounded: one more is refused at once", async () => {
  const credentials = new Credentials(
    () => new Promise(() => undefined),
    { now: () => 0 },
    { ...bounds, authenticateWithinMs: 60_000, lookUpWaitingMax: 3 },
  );
  for (const id of [1, 2, 3, 3]) void credentials.verify(id, right).catch(() => undefined);
  await expect(credentials.verify(4, right)).rejects.toThrow("too many wait");
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
