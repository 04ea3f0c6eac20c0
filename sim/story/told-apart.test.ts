// What is told apart by its arrival is read by the product as it is meant; what cannot be is left out, and nothing else.
import fc from "fast-check";
import { expect, test } from "vitest";
import { instantOfLocal } from "#devices/local-time";
import { HOUR_MS, MINUTE_MS } from "#devices/time";
import type { Delivery } from "./story.ts";
import { isToldApart } from "./told-apart.ts";

/** 02:00 and 03:00 of summer time, and the hour that comes again. */
const REPEATED_FROM = Date.UTC(2026, 9, 25, 0);
const REPEATED_TO = Date.UTC(2026, 9, 25, 2);
const ZONES = ["Europe/Brussels", "Europe/Paris", "Europe/Rome"];
const deliveryOf = (observedAtMs: number, leavesAtMs: number): Delivery => ({
  device: "d",
  topic: "t",
  payload: Buffer.alloc(0),
  qos: 1,
  retain: false,
  dup: false,
  leavesAtMs,
  tells: [{ series: "s", observedAtMs, register: "r", value: "1" }],
  marks: [],
});
const readAs = (observedAtMs: number, timezone: string, receivedAtMs: number) => {
  const { year, month, day, hour, minute, second } =
    Temporal.Instant.fromEpochMilliseconds(observedAtMs).toZonedDateTimeISO(timezone);
  return instantOfLocal({ year, month, day, hour, minute, second }, timezone, receivedAtMs);
};
const minutes = (least: number, most: number) =>
  fc.integer({ min: least, max: most }).map((count) => count * MINUTE_MS);

test("what is told apart is read as it is meant, though it was under way for minutes", () => {
  let leftOut = 0;
  fc.assert(
    fc.property(
      fc.constantFrom(...ZONES),
      minutes(-60, 180),
      minutes(-120, 3 * 24 * 60),
      minutes(0, 4),
      (timezone, sinceMs, laterMs, underWayMs) => {
        const observedAtMs = REPEATED_FROM + sinceMs;
        const leavesAtMs = observedAtMs + laterMs;
        const isApart = isToldApart(deliveryOf(observedAtMs, leavesAtMs), timezone);
        if (isApart) expect(readAs(observedAtMs, timezone, leavesAtMs + underWayMs)).toBe(observedAtMs);
        else leftOut++;
        const isRepeated = observedAtMs >= REPEATED_FROM && observedAtMs < REPEATED_TO;
        if (!isRepeated) expect(isApart).toBe(true);
      },
    ),
    { numRuns: 500 },
  );
  expect(leftOut).toBeGreaterThan(0);
});

test("a clock that is right tells both hours, a copy an hour later only the second", () => {
  for (const observedAtMs of [REPEATED_FROM, REPEATED_FROM + 30 * MINUTE_MS, REPEATED_FROM + HOUR_MS]) {
    expect(isToldApart(deliveryOf(observedAtMs, observedAtMs), "Europe/Rome")).toBe(true);
    const isSecond = observedAtMs === REPEATED_FROM + HOUR_MS;
    expect(isToldApart(deliveryOf(observedAtMs, observedAtMs + HOUR_MS), "Europe/Rome")).toBe(isSecond);
  }
});
