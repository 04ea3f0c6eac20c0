// What a meter shows can be told apart by who reads it.
import { expect, test } from "vitest";
import { HOUR_MS, MINUTE_MS } from "#devices/time";
import { createMeterFace, type MeterFault } from "./meter-face.ts";

const indexAt = (ms: number) => 60_000_000 + ms / MINUTE_MS;
const glitchAt = (fromMs: number): MeterFault => ({ kind: "glitch", fromMs, toMs: fromMs + 2 * MINUTE_MS });

test("nought is shown for a moment, but not as the last of a meter before another takes its place", () => {
  const swap: MeterFault = { kind: "swap", fromMs: 12 * HOUR_MS, toMs: 12 * HOUR_MS + 1000, opening: 2746 };
  const [early, late, behind] = [glitchAt(6 * HOUR_MS), glitchAt(11.8 * HOUR_MS), glitchAt(13 * HOUR_MS)];
  const face = createMeterFace([early, late, behind, swap]);
  const shown = face.register(indexAt);
  expect(shown(early.fromMs)).toBe(0);
  expect(shown(late.fromMs)).toBe(indexAt(late.fromMs));
  expect(shown(behind.fromMs)).toBe(0);
  expect([early, late, behind].map((fault) => face.strikes(fault, indexAt))).toEqual([true, false, true]);
  expect(face.marksAt(late.fromMs)).toEqual([]);
});
