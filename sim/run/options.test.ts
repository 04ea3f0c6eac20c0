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
