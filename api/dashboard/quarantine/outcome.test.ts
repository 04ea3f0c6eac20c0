// A message waits, is asked for, or is readings; reading it again is told by what changed.
import { expect, test } from "vitest";
import { QUARANTINE_REASONS } from "#devices/vocabulary";
import english from "../messages/en.json" with { type: "json" };
import french from "../messages/fr.json" with { type: "json" };
import dutch from "../messages/nl.json" with { type: "json" };
import { outcomeOf, standingOf } from "./outcome.ts";

const AT = "2026-01-01T00:00:00Z";

test("readings are readings, whatever was asked for", () => {
  expect(standingOf({ replayedAt: AT, replayRequestedAt: AT })).toBe("read");
  expect(standingOf({ replayedAt: null, replayRequestedAt: AT })).toBe("asked");
  expect(standingOf({ replayedAt: null, replayRequestedAt: null })).toBe("waits");
});

test("what was read again became readings, or waits for the same reason, or for another", () => {
  const before = { reason: "reading_malformed" as const };
  const after = (reason: "reading_malformed" | "time_missing", replayedAt: string | null) =>
    outcomeOf(before, { reason, replayedAt, replayRequestedAt: null });
  expect(after("reading_malformed", AT)).toBe("read");
  expect(after("reading_malformed", null)).toBe("same");
  expect(after("time_missing", null)).toBe("changed");
});

test.each([
  ["fr", french],
  ["nl", dutch],
  ["en", english],
])("%s says every reason, and what to do about it", (_, messages) => {
  const of = (family: string) =>
    Object.keys(messages)
      .filter((key) => key.startsWith(`quarantine.${family}.`))
      .map((key) => key.replace(`quarantine.${family}.`, ""))
      .toSorted();
  expect(of("reason")).toEqual([...QUARANTINE_REASONS].toSorted());
  expect(of("mend")).toEqual([...QUARANTINE_REASONS].toSorted());
});
