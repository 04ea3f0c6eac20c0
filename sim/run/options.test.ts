// The command line of a run.
import { expect, test } from "vitest";
import { DAY_MS, HOUR_MS } from "#devices/time";
import { readRunOptions } from "./options.ts";

const NOW = Date.UTC(2026, 0, 10, 12, 34);

test("without options it runs two buildings for a day, two days ago, on services of its own", () => {
  expect(readRunOptions([], NOW)).toMatchObject({
    target: undefined,
    buildings: 2,
    seed: 1,
    fromMs: Date.UTC(2026, 0, 8, 12),
    spanMs: DAY_MS,
    speed: undefined,
  });
});

test("with a speed the duration is real time", () => {
  const options = readRunOptions(["--speed", "60", "--duration", "10m", "--from", "2026-01-01"], NOW);
  expect(options.spanMs).toBe(10 * HOUR_MS);
  expect(options.fromMs).toBe(Date.UTC(2026, 0, 1));
});

test("live, it begins with a full minute when all is registered, and lasts as long as it says", () => {
  expect(readRunOptions(["--live", "--duration", "40m"], NOW + 1)).toMatchObject({
    fromMs: NOW + 180_000,
    spanMs: 40 * 60_000,
    speed: 1,
    live: true,
  });
  expect(() => readRunOptions(["--live", "--speed", "2"], NOW)).toThrow(/--live has neither/);
});

test("with dst it lies around the night that last changed the clocks", () => {
  const { fromMs } = readRunOptions(["--faults", "dst"], NOW);
  expect(new Date(fromMs).toISOString()).toBe("2025-10-25T17:00:00.000Z");
});

test("all problems are named together", () => {
  const read = () =>
    readRunOptions(
      ["--buildings", "many", "--faults", "gaps,fire", "--url", "mqtt://x", "--step", "7m"],
      NOW,
    );
  expect(read).toThrow(/--buildings/);
  expect(read).toThrow(/not fire/);
  expect(read).toThrow(/--url, --api and --token go together/);
  expect(read).toThrow(/--step 7m/);
  expect(() => readRunOptions(["--unknown"], NOW)).toThrow(/unknown/);
});
