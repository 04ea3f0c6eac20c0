// Back pressure: shut above the bound, open again below half of it, and nobody is forgotten.
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ReadGate } from "./read-gate.ts";

const bounds = { unacknowledgedBytesMax: 1000, unacknowledgedAgeMaxMs: 10_000 };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("held connections are read again, one after the other, as the pressure allows", () => {
  let unacknowledgedBytes = 1001;
  const gate = new ReadGate(() => ({ unacknowledgedBytes, oldestMs: 0 }), bounds);
  const connections = Array.from({ length: 3 }, () => new PassThrough());
  let read = 0;
  for (const connection of connections) {
    connection.on("readable", () => {
      read++;
      unacknowledgedBytes += 600;
    });
    expect(gate.admits(connection)).toBe(false);
    expect(gate.holds(connection)).toBe(true);
  }
  unacknowledgedBytes = 600;
  vi.advanceTimersByTime(100);
  expect(read).toBe(0);
  unacknowledgedBytes = 400;
  vi.advanceTimersByTime(100);
  expect(read).toBe(2);
  unacknowledgedBytes = 0;
  vi.advanceTimersByTime(100);
  expect(read).toBe(3);
  expect(connections.some((connection) => gate.holds(connection))).toBe(false);
  gate.close();
});

test("new connections are refused while too much waits, or for too long", () => {
  const pressure = { unacknowledgedBytes: 0, oldestMs: 0 };
  const gate = new ReadGate(() => pressure, bounds);
  expect(gate.refusesConnections()).toBe(false);
  pressure.oldestMs = 10_001;
  expect(gate.refusesConnections()).toBe(true);
  pressure.oldestMs = 0;
  pressure.unacknowledgedBytes = 1001;
  expect(gate.refusesConnections()).toBe(true);
});

test("a closed gate admits nobody", () => {
  const gate = new ReadGate(() => ({ unacknowledgedBytes: 0, oldestMs: 0 }), bounds);
  gate.close();
  expect(gate.admits(new PassThrough())).toBe(false);
  expect(gate.refusesConnections()).toBe(true);
});
