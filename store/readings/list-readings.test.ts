// A value that came again for its instant is one reading, a correction is another.
import { expect, test } from "vitest";
import { withoutRepeats, type StoredReading } from "./list-readings.ts";

const reading = (observedAtMs: number, value: string, receivedAtMs: number): StoredReading => ({
  observedAtMs,
  receivedAtMs,
  value,
  clock: "device",
  flags: [],
});

test("of equal values of an instant the one that came first is shown, of different ones all", () => {
  const hour = reading(0, "112.384", 50);
  const again = reading(0, "112.384", 20);
  const correction = reading(0, "112.385", 60);
  const next = reading(3600, "112.384", 70);
  expect(withoutRepeats([hour, correction, again, next])).toEqual([again, correction, next]);
});
