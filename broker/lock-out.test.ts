// Lock-out: guessing gets slower and slower, and nobody but the one who guesses waits.
import fc from "fast-check";
import { expect, test } from "vitest";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "#devices/time";
import { addressKeyOf, LOCK_OUT_BOUNDS, LockOut } from "./lock-out.ts";

const MINE = "192.0.2.1";
const OTHER = "192.0.2.2";
const [RIGHT, GUESS] = ["right", "guess"];

/** Fails as often as it is let, for `durationMs`, and answers when it was let. */
function attack(
  lockOut: LockOut,
  address: string,
  deviceId: number,
  durationMs: number,
  everyMs = 100,
): number[] {
  const heard: number[] = [];
  for (let nowMs = 0; nowMs < durationMs; nowMs += everyMs) {
    if (lockOut.judge(address, deviceId, GUESS, nowMs) !== "free") continue;
    heard.push(nowMs);
    lockOut.failed(address, deviceId, GUESS, nowMs);
  }
  return heard;
}

test("from the fifth failure on the delay is 1 s, 2 s, 4 s and so on, up to 5 minutes", () => {
  const heard = attack(new LockOut(), MINE, 17, HOUR_MS);
  const gaps = heard.slice(4).map((atMs, index, from) => (from[index + 1] ?? atMs) - atMs);
  const seconds = gaps.slice(0, -1).map((gapMs) => gapMs / SECOND_MS);
  expect(heard.slice(0, 5)).toEqual([0, 100, 200, 300, 400]);
  expect(seconds.slice(0, 10)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300]);
  expect(new Set(seconds.slice(9))).toEqual(new Set([300]));
});

test("a meter with a wrong secret does not shut its neighbours behind the same address out", () => {
  const lockOut = new LockOut();
  attack(lockOut, MINE, 17, HOUR_MS);
  expect(lockOut.judge(MINE, 17, GUESS, HOUR_MS)).toBe("locked");
  expect(lockOut.judge(MINE, 18, GUESS, HOUR_MS)).toBe("free");
});

test("an address that fails for one device after the other is locked for all it does not know", () => {
  const lockOut = new LockOut();
  const { addressFailuresMax } = LOCK_OUT_BOUNDS;
  for (let deviceId = 1; deviceId <= addressFailuresMax; deviceId++) {
    expect(lockOut.judge(MINE, deviceId, GUESS, 0)).toBe("free");
    lockOut.failed(MINE, deviceId, GUESS, 0);
  }
  const next = addressFailuresMax + 1;
  expect(lockOut.judge(MINE, next, GUESS, SECOND_MS - 1)).toBe("locked");
  expect(lockOut.judge(OTHER, next, GUESS, 0)).toBe("free");
  expect(lockOut.judge(MINE, next, GUESS, SECOND_MS)).toBe("free");
  lockOut.failed(MINE, next, GUESS, SECOND_MS);
  expect(lockOut.judge(MINE, next + 1, GUESS, 3 * SECOND_MS - 1)).toBe("locked");
});

test("where a device succeeded before, neither its address nor an attack on it keeps it out", () => {
  const lockOut = new LockOut();
  lockOut.succeeded(MINE, 17, RIGHT);
  for (let deviceId = 100; deviceId < 200; deviceId++) lockOut.failed(MINE, deviceId, GUESS, 0);
  for (let host = 0; host < 100; host++) lockOut.failed(`198.51.100.${host}`, 17, GUESS, 0);
  expect(lockOut.judge(MINE, 18, GUESS, 0)).toBe("locked");
  expect(lockOut.judge(MINE, 17, GUESS, 0)).toBe("free");
});

test("who guesses behind a device's own address keeps its secret out never, and a new one of it for a second at most", () => {
  const lockOut = new LockOut();
  lockOut.succeeded(MINE, 17, RIGHT);
  const heard = attack(lockOut, MINE, 17, HOUR_MS);
  expect(lockOut.judge(MINE, 17, RIGHT, HOUR_MS)).toBe("free");
  expect(heard.length).toBeLessThanOrEqual(5 + HOUR_MS / SECOND_MS);
  const laterMs = HOUR_MS + SECOND_MS;
  expect(lockOut.judge(MINE, 17, GUESS, laterMs)).toBe("free");
  expect(lockOut.judge(MINE, 17, "rotated", laterMs + SECOND_MS - 1)).toBe("locked");
  expect(lockOut.judge(MINE, 17, "rotated", laterMs + SECOND_MS)).toBe("free");
  lockOut.succeeded(MINE, 17, "rotated");
  expect(lockOut.judge(MINE, 17, "rotated", laterMs + SECOND_MS)).toBe("free");
});

test("a secret that was right and has ended is a wrong one", () => {
  const lockOut = new LockOut();
  lockOut.succeeded(MINE, 17, RIGHT);
  for (let failure = 0; failure < 5; failure++) {
    expect(lockOut.judge(MINE, 17, RIGHT, 0)).toBe("free");
    lockOut.failed(MINE, 17, RIGHT, 0);
  }
  expect(lockOut.judge(MINE, 17, RIGHT, 0)).toBe("free");
  expect(lockOut.judge(MINE, 17, RIGHT, 1)).toBe("locked");
});

test("a device under attack hears one address a second that it does not know, and none that failed for it", () => {
  const lockOut = new LockOut();
  for (let host = 0; host < 10; host++) lockOut.failed(`198.51.100.${host}`, 17, GUESS, 0);
  expect(lockOut.judge("198.51.100.0", 17, GUESS, 0)).toBe("locked");
  expect(lockOut.judge(MINE, 17, GUESS, 0)).toBe("free");
  expect(lockOut.judge(OTHER, 17, GUESS, SECOND_MS - 1)).toBe("wait");
  expect(lockOut.judge(OTHER, 17, GUESS, SECOND_MS)).toBe("free");
  expect(lockOut.judge(OTHER, 18, GUESS, 0)).toBe("free");
});

test("the right secret clears what was counted against the two", () => {
  const lockOut = new LockOut();
  attack(lockOut, MINE, 17, MINUTE_MS);
  lockOut.succeeded(MINE, 17, RIGHT);
  // Five, and one of the second.
  expect(attack(lockOut, MINE, 17, SECOND_MS)).toHaveLength(6);
  expect(lockOut.judge(OTHER, 17, GUESS, SECOND_MS)).toBe("free");
});

test("a hundred wrong secrets at the same instant are one step of the delay", () => {
  const lockOut = new LockOut();
  const delays = Array.from({ length: 100 }, () => lockOut.failed(MINE, 17, GUESS, 0));
  expect(Math.max(...delays)).toBe(SECOND_MS);
});

test("an hour without a failure forgets, and a clock that is set back locks nobody for longer", () => {
  const lockOut = new LockOut();
  attack(lockOut, MINE, 17, MINUTE_MS);
  expect(lockOut.judge(MINE, 17, GUESS, -HOUR_MS)).toBe("free");
  attack(lockOut, OTHER, 17, MINUTE_MS);
  expect(attack(lockOut, OTHER, 18, 1)).toHaveLength(1);
  expect(lockOut.judge(OTHER, 17, GUESS, 2 * HOUR_MS)).toBe("free");
  expect(lockOut.failed(OTHER, 17, GUESS, 2 * HOUR_MS)).toBe(0);
});

test("whatever happens, nobody waits longer than five minutes, and memory is bounded", () => {
  const bounds = { ...LOCK_OUT_BOUNDS, countMax: 3, vouchedCountMax: 3 };
  const step = fc.record({
    host: fc.integer({ min: 0, max: 9 }),
    deviceId: fc.integer({ min: 1, max: 9 }),
    waitMs: fc.integer({ min: 0, max: MINUTE_MS }),
    right: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const lockOut = new LockOut(bounds);
      let nowMs = 0;
      for (const { host, deviceId, waitMs, right } of steps) {
        nowMs += waitMs;
        const address = `192.0.2.${host}`;
        if (lockOut.judge(address, deviceId, GUESS, nowMs) !== "free") continue;
        if (right) lockOut.succeeded(address, deviceId, RIGHT);
        else expect(lockOut.failed(address, deviceId, GUESS, nowMs)).toBeLessThanOrEqual(5 * MINUTE_MS);
      }
      // A turn that somebody just had is over after a second, a lock after its delay.
      expect(lockOut.judge("192.0.2.1", 1, GUESS, nowMs + 5 * MINUTE_MS)).toBe("free");
    }),
  );
});

test("an IPv6 address counts by the half that its owner was given, an IPv4 address whole", () => {
  expect(addressKeyOf("192.0.2.1")).toBe("192.0.2.1");
  expect(addressKeyOf("::ffff:192.0.2.1")).toBe("192.0.2.1");
  expect(addressKeyOf("2001:db8:1:2:3:4:5:6")).toBe("2001:db8:1:2::/64");
  expect(addressKeyOf("2001:DB8:1:2::9")).toBe("2001:db8:1:2::/64");
  expect(addressKeyOf("2001:db8::9")).toBe("2001:db8:0:0::/64");
  expect(addressKeyOf("fe80::1%eth0")).toBe("fe80:0:0:0::/64");
  expect(addressKeyOf("::1")).toBe("0:0:0:0::/64");
  expect(addressKeyOf(undefined)).toBe("unknown");
});
