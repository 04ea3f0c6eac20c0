// Rates: over time nobody takes more than the rate and one burst, and nobody waits for another's.
import { EventEmitter } from "node:events";
import fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import { Rates } from "./rates.ts";
import type { Session } from "./session.ts";

const bounds = {
  deviceRateMax: 10,
  buildingRateMax: 25,
  rateBurstS: 2,
  deviceConnectRateMax: 1,
  deviceConnectBurst: 3,
  buildingConnectRateMax: 2,
  buildingConnectBurst: 5,
  deviceControlRateMax: 2,
  deviceControlBurst: 4,
};

let opened: Rates | undefined;
afterEach(() => opened?.close());

function setUp() {
  let nowMs = 0;
  const counts = { slowed: 0 };
  const rates = new Rates(bounds, { now: () => nowMs }, counts);
  opened = rates;
  return { rates, counts, wait: (ms: number) => void (nowMs += ms), now: () => nowMs };
}

/** As much of a session as the rates look at, and how often its connection was told to read. */
function sessionOf(id: number, buildingId = 1): Session & { reads: number } {
  const conn = new EventEmitter();
  const session = { device: { id, buildingId }, client: { conn }, allowance: undefined, reads: 0 };
  conn.on("readable", () => session.reads++);
  return session as unknown as Session & { reads: number };
}

test("a device takes a burst, then its rate", () => {
  const { rates } = setUp();
  const session = sessionOf(1);
  rates.take(session, 20, 0);
  expect(rates.admits(session, 0)).toBe(false);
  expect(rates.admits(session, 100)).toBe(true);
  rates.take(session, 1, 100);
  expect(rates.admits(session, 100)).toBe(false);
  expect(rates.admits(session, 3_600_000)).toBe(true);
  rates.take(session, 20, 3_600_000);
  expect(rates.admits(session, 3_600_000)).toBe(false);
});

test("what one read brought beyond the level is paid back before the next", () => {
  const { rates } = setUp();
  const session = sessionOf(1);
  rates.take(session, 70, 0);
  expect(rates.admits(session, 5000)).toBe(false);
  expect(rates.admits(session, 5001)).toBe(true);
});

test("two connections of one device share its rate, and reconnecting fills nothing", () => {
  const { rates } = setUp();
  rates.take(sessionOf(1), 20, 0);
  expect(rates.admits(sessionOf(1), 0)).toBe(false);
  expect(rates.admits(sessionOf(2), 0)).toBe(true);
});

test("the devices of a building share its rate, and another building pays nothing", () => {
  const { rates } = setUp();
  for (const id of [1, 2, 3]) rates.take(sessionOf(id), 17, 0);
  expect(rates.admits(sessionOf(4), 0)).toBe(false);
  expect(rates.admits(sessionOf(5, 2), 0)).toBe(true);
});

test("a device that was moved to another building drains that one", () => {
  const { rates } = setUp();
  const session = sessionOf(1);
  rates.take(sessionOf(2), 50, 0);
  expect(rates.admits(session, 0)).toBe(false);
  Object.assign(session, { device: { id: 1, buildingId: 2 } });
  expect(rates.admits(session, 0)).toBe(true);
});

test("who was held is read again once its level is above zero, and who left is not", async () => {
  const { rates, counts, wait, now } = setUp();
  const [held, gone, patient] = [sessionOf(1), sessionOf(2), sessionOf(3)];
  rates.take(held, 20, now());
  rates.take(gone, 20, now());
  rates.take(patient, 30, now());
  for (const session of [held, gone, patient]) expect(rates.admits(session, now())).toBe(false);
  rates.forget(gone);
  expect([rates.holds(held), rates.holds(gone)]).toEqual([true, false]);
  wait(900);
  while (held.reads === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  expect([held.reads, gone.reads, patient.reads]).toEqual([1, 0, 0]);
  expect([rates.holds(held), rates.holds(patient)]).toEqual([false, true]);
  expect(counts.slowed).toBe(3);
});

test("what belongs to no message has a bucket of its own, by its bytes, and holds the connection up", () => {
  const { rates } = setUp();
  const session = sessionOf(1);
  for (let ping = 0; ping < 3; ping++) rates.takeControl(session, 0, 0);
  expect([rates.admits(session, 0), rates.admits(sessionOf(2), 0)]).toEqual([true, true]);
  rates.takeControl(session, 0, 0);
  expect([rates.admits(session, 0), rates.admits(sessionOf(2), 0)]).toEqual([false, true]);
  expect(rates.admits(session, 500)).toBe(true);
  // The filters of one SUBSCRIBE: as much as 16 more.
  rates.takeControl(session, 1024, 500);
  expect([rates.admits(session, 8000), rates.admits(session, 9000)]).toEqual([false, true]);
});

test("a clock that is set back neither fills nor holds up", () => {
  const { rates } = setUp();
  const session = sessionOf(1);
  rates.take(session, 20, 10_000);
  expect(rates.admits(session, 0)).toBe(false);
  expect(rates.admits(session, 200)).toBe(true);
});

test("over any schedule what is taken stays within the burst, the rate and one read", () => {
  const step = fc.record({
    waitMs: fc.integer({ min: 0, max: 5000 }),
    read: fc.integer({ min: 1, max: 30 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
      const { rates } = setUp();
      const session = sessionOf(1);
      let [nowMs, taken] = [0, 0];
      for (const { waitMs, read } of steps) {
        nowMs += waitMs;
        if (rates.admits(session, nowMs)) {
          rates.take(session, read, nowMs);
          taken += read;
          expect(taken).toBeLessThanOrEqual(20 + nowMs / 100 + read);
        }
      }
      // What one read of 30 can owe is paid back by then.
      expect(rates.admits(session, nowMs + 5000)).toBe(true);
      rates.close();
    }),
  );
});

test("a device connects a few times at once, then at its rate; its building is not charged for what is refused", () => {
  const { rates } = setUp();
  const connects = (id: number, count: number, nowMs = 0) =>
    Array.from({ length: count }, () => rates.admitsConnect({ id, buildingId: 1 }, nowMs)).filter(Boolean)
      .length;
  expect(connects(1, 100)).toBe(3);
  expect(connects(2, 100)).toBe(2);
  expect(connects(3, 100)).toBe(0);
  expect(connects(1, 100, 1001)).toBe(1);
  expect(connects(3, 100, 1001)).toBe(1);
});
