// The verdict sees each way of being wrong, and none where nothing is.
import { expect, test } from "vitest";
import { createStory } from "./known-messages.ts";
import { judgeDevice, type Stored, type Told } from "./verdict.ts";

const FIRST_MS = Date.UTC(2026, 0, 5);
const COUNT = 46;
const story = createStory({ seed: 3, device: "meter 0", firstMs: FIRST_MS, shuffledWithin: 1 });
const numbers = Array.from({ length: COUNT }, (_, n) => n);
const messages = numbers.map(story.messageOf);
const READABLE = 0;
const QUARANTINED = messages.findIndex(({ quarantined }) => quarantined);

const told: Told = {
  id: "7",
  story,
  published: new Set(numbers),
  acknowledged: new Set(numbers),
  unacknowledged: new Set(),
  writes: new Map(numbers.map((n) => [n, 1])),
  heard: messages.map(({ payload }) => payload),
};
const stored: Stored = {
  readings: messages.flatMap(({ readings }) => readings),
  quarantined: messages.flatMap(({ quarantined, payload }) => (quarantined ? [payload] : [])),
  quarters: new Map([0, 15, 30].map((n) => [story.atMs(n), story.indexWh(n + 15) - story.indexWh(n)])),
};
const violations = (about: Partial<Told>, found: Partial<Stored>) =>
  judgeDevice({ ...told, ...about }, { ...stored, ...found }).violations;

test("everything there once is right", () => {
  expect(QUARANTINED).toBeGreaterThan(0);
  expect(judgeDevice(told, stored)).toEqual({ violations: [], unacknowledgedStored: 0, quarantinedAgain: 0 });
});

test("an acknowledged reading that is missing is a violation, one that was not acknowledged is none", () => {
  const [lost] = messages[READABLE]?.readings ?? [];
  const readings = stored.readings.filter((reading) => reading !== lost);
  const quarters = new Map(stored.quarters);
  expect(violations({}, { readings })).toEqual([
    `device 7, message 0: acknowledged, but "${lost}" is not stored`,
  ]);
  const acknowledged = new Set(numbers.slice(1));
  expect(violations({ acknowledged }, { readings, quarters })).toEqual([]);
});

test("a doubled reading, a reading never said, and a payload never sent are violations", () => {
  const [first = ""] = stored.readings;
  expect(violations({}, { readings: [...stored.readings, first] })).toEqual([
    `device 7, message 0: "${first}" is stored 2 times`,
  ]);
  expect(violations({}, { readings: [...stored.readings, "import 1 2"] })).toEqual([
    'device 7 never said "import 1 2"',
  ]);
  expect(violations({}, { quarantined: [...stored.quarantined, "half a"] })).toEqual([
    'device 7 never sent "half a"',
  ]);
});

test("quarantine holds a message at least once, and at most as often as it was sent", () => {
  const payload = messages[QUARANTINED]?.payload ?? "";
  const without = stored.quarantined.filter((kept) => kept !== payload);
  expect(violations({}, { quarantined: without })).toEqual([
    `device 7, message ${QUARANTINED}: acknowledged, but not in quarantine`,
  ]);
  const twice = [...stored.quarantined, payload];
  expect(violations({}, { quarantined: twice })).toHaveLength(1);
  const writes = new Map(told.writes).set(QUARANTINED, 2);
  expect(judgeDevice({ ...told, writes }, { ...stored, quarantined: twice })).toMatchObject({
    violations: [],
    quarantinedAgain: 1,
  });
});

test("a quarter-hour that is not the difference of the index, or is missing, is a violation", () => {
  const wrong = new Map(stored.quarters).set(FIRST_MS, 1);
  expect(violations({}, { quarters: wrong })).toHaveLength(1);
  expect(violations({}, { quarters: new Map() })).toHaveLength(3);
});

test("a message of somebody else that is heard is a violation", () => {
  expect(violations({ heard: ["another's"] }, {})).toEqual([
    'device 7 heard what it never said: "another\'s"',
  ]);
});

test("QoS 0 may be missing, is counted when it is there, and may not be doubled", () => {
  const n = READABLE;
  const about = {
    published: new Set(numbers.slice(1)),
    acknowledged: new Set(numbers.slice(1)),
    unacknowledged: new Set([n]),
  };
  expect(judgeDevice({ ...told, ...about }, stored)).toMatchObject({
    violations: [],
    unacknowledgedStored: 1,
  });
  const own = messages[n]?.readings ?? [];
  const readings = stored.readings.filter((reading) => !own.includes(reading));
  expect(judgeDevice({ ...told, ...about }, { ...stored, readings })).toMatchObject({
    violations: [],
    unacknowledgedStored: 0,
  });
});
