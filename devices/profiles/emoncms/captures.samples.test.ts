// Topics as emonHub publishes them, against values read from the file by hand.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { sharedDir } from "#testing";
import { playMessages, spokenMessages } from "../play-messages.ts";
import { family } from "./index.ts";

const shared = sharedDir();

test.runIf(shared !== undefined)("every message has its register, unit, value and time", () => {
  const file = resolve(shared ?? "", "samples/emoncms/constructed.json");
  const { messages } = JSON.parse(readFileSync(file, "utf8")) as { messages: unknown };
  const spoken = spokenMessages(JSON.stringify(messages));
  const decoded = playMessages(family.decode, spoken, {
    receivedAtMs: Date.UTC(2026, 0, 15, 10),
    timezone: "Europe/London",
    expectedIntervalS: null,
  });
  expect(decoded.flatMap(({ rejections }) => rejections)).toEqual([]);
  const lines = decoded.flatMap(({ observations }) =>
    observations.map(
      ({ register, value, observedAtMs }) =>
        `${register.name} ${value} ${register.unit} ${register.kind} ${observedAtMs ?? "no time"}`,
    ),
  );
  expect(lines).toEqual([
    "emonpi/power1 860 W instantaneous no time",
    "emonpi/pulsecount 123456 count cumulative no time",
    "emontx4/E1 7970903 Wh cumulative no time",
  ]);
  expect(spoken.map(({ topic, payload }) => family.recognise?.(topic, payload))).toEqual([
    "emon/emonpi",
    "emon/emonpi",
    "emon/emontx4",
  ]);
});
