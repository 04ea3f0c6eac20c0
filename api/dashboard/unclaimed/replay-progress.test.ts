// The past of a claimed device is read when nothing of it waits untouched.
import { expect, test } from "vitest";
import type { DeviceCount } from "../data/quarantine.ts";
import { replayProgress } from "./replay-progress.ts";

const count = (fields: Partial<DeviceCount>): DeviceCount => ({
  deviceId: "1",
  buildingId: "1",
  name: "Cellar",
  waiting: 0,
  replayed: 0,
  bytes: 0,
  reasons: {},
  ...fields,
});

test("it is under way while messages wait as nobody's", () => {
  const counts = count({ waiting: 5, replayed: 3, reasons: { device_unclaimed: 4, time_missing: 1 } });
  expect(replayProgress(8, counts)).toEqual({ total: 8, read: 3, refused: 1, done: false });
});

test("it is done when each is a reading, or waits for another reason", () => {
  expect(replayProgress(8, count({ replayed: 8 }))).toEqual({ total: 8, read: 8, refused: 0, done: true });
  const some = count({ waiting: 2, replayed: 6, reasons: { time_missing: 2 } });
  expect(replayProgress(8, some)).toMatchObject({ read: 6, refused: 2, done: true });
});

test("messages that came meanwhile are counted too, and counts that nobody shows end the wait", () => {
  expect(replayProgress(8, count({ replayed: 9 }))).toMatchObject({ total: 9, read: 9, done: true });
  expect(replayProgress(8, undefined)).toMatchObject({ read: 0, done: true });
});
