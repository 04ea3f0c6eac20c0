// When devices were heard: once a period each, nothing lost while the store is away or at the end.
import { pino } from "pino";
import { expect, test } from "vitest";
import { HeardDevices } from "./heard-devices.ts";

function setUp(over: { everyMs?: number } = {}) {
  const written: string[] = [];
  let away: Promise<void> | undefined;
  const heard = new HeardDevices({
    write: async (marks) => {
      await away;
      written.push([...marks].map(([id, atMs]) => `${id}@${atMs}`).join(","));
    },
    log: pino({ level: "silent" }),
    everyMs: over.everyMs ?? 3_600_000,
    deviceEveryMs: 1000,
  });
  return { heard, written, storeIs: (answer: Promise<void> | undefined) => void (away = answer) };
}

test("a device that speaks all the time is written once a period, with others in one statement", async () => {
  const { heard, written } = setUp();
  for (let atMs = 0; atMs < 2500; atMs += 250) {
    heard.heard(7, atMs);
    if (atMs === 500) heard.heard(8, atMs);
    if (atMs % 500 === 0) await heard.flush();
  }
  expect(written).toEqual(["7@0", "8@500", "7@1000", "7@2000"]);
  heard.forget(7);
  heard.heard(7, 2500);
  await heard.flush();
  expect(written.at(-1)).toBe("7@2500");
  await heard.close();
});

test("the last period is written at the end, also what came while another writing was under way", async () => {
  const { heard, written, storeIs } = setUp();
  const { promise, resolve } = Promise.withResolvers<void>();
  storeIs(promise);
  heard.heard(1, 10);
  const flushed = heard.flush();
  heard.heard(2, 20);
  const closed = heard.close();
  resolve();
  await Promise.all([flushed, closed]);
  expect(written).toEqual(["1@10", "2@20"]);
});

test("what could not be written is written later, by its own clock, with the newest mark of each", async () => {
  const { heard, written, storeIs } = setUp({ everyMs: 5 });
  storeIs(Promise.reject(new Error("connection refused")));
  heard.heard(1, 0);
  heard.heard(2, 0);
  await heard.flush();
  heard.heard(2, 1000);
  storeIs(undefined);
  await expect.poll(() => written).toEqual(["1@0,2@1000"]);
  await heard.close();
});

test("a store that never answers holds up the end for a second at most", async () => {
  const { heard, storeIs } = setUp();
  storeIs(Promise.withResolvers<void>().promise);
  heard.heard(1, 0);
  await heard.close();
});
