// Which family a message is of, and how the gateway names who sent it.
import fc from "fast-check";
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { PROFILE_IDS, type ProfileId } from "#devices/vocabulary";
import { FAMILIES } from "./families.ts";
import { encodeSenml, recognise } from "./index.ts";
import { spokenMessages } from "./play-messages.ts";

const golden = (path: string): Buffer => readFileSync(new URL(`./${path}`, import.meta.url));

test.each([
  ["wmbusmeters/golden/cold-water.txt", "20260001/cold water", "wmbusmeters"],
  ["wmbusmeters/golden/heat-cost-allocator.txt", "20260005/heat cost allocation", "wmbusmeters"],
  ["dsmr-p1/golden/be-gas-water-peaks.txt", "1KPG0000000042", "dsmr-p1"],
  ["dsmr-p1/golden/de-without-checksum.txt", undefined, "dsmr-p1"],
  ["senml/golden/room-sensor-without-time.txt", undefined, "senml"],
  ["gateway/golden/tasmota-sensor.txt", "some/topic", null],
  ["gateway/golden/one-number.txt", "some/topic", null],
  ["gateway/golden/nothing.txt", "some/topic", null],
] as const)("%s", (path, externalId, profile) => {
  const found = recognise("some/topic", golden(path));
  expect(found.profile).toBe(profile);
  if (externalId !== undefined) expect(found.externalId).toBe(externalId);
});

test.each([
  [
    "a base name, without what separates it from the names that follow",
    `[{"bn":"urn:dev:mac:0011/","n":"t","v":1}]`,
    "urn:dev:mac:0011",
  ],
  [
    "a base name of 261,000 dashes: the topic",
    `[{"bn":"a${"-".repeat(261_000)}","n":"t","v":1}]`,
    "some/topic",
  ],
  ["no base name: the topic", `[{"n":"urn:dev:mac:0011/t","v":1}]`, "some/topic"],
  ["a base name that §4.5.1 does not allow: the topic", `[{"bn":"a\\u0000b","n":"t","v":1}]`, "some/topic"],
])("SenML with %s", (_name, text, externalId) => {
  expect(recognise("some/topic", Buffer.from(text))).toEqual({ externalId, profile: "senml" });
});

test.each([["[]"], ["[1,2]"], ['[{"x":1}]'], ["{}"], ["[["], ["/"], ["/dev/null"], ["null"], ["20.5"]])(
  "%s is of no family",
  (text) => {
    expect(recognise("some/topic", Buffer.from(text))).toEqual({ externalId: "some/topic", profile: null });
  },
);

test("what our own encoder writes is recognised by its base name", () => {
  const pack = encodeSenml({ baseName: "urn:dev:mac:01:", records: [{ name: "e", unit: "Wh", value: "1" }] });
  expect(recognise("t", pack)).toEqual({ externalId: "urn:dev:mac:01", profile: "senml" });
});

test("whatever the bytes and the topic, the name is storable text and the same each time", () => {
  const topic = fc.string({ unit: "binary", minLength: 1, maxLength: 400 });
  const payload = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.json().map((text) => Buffer.from(text)),
  );
  fc.assert(
    fc.property(topic, payload, (name, bytes) => {
      const found = recognise(name, bytes);
      expect(found.externalId.length).toBeGreaterThan(0);
      expect(found.externalId.length).toBeLessThanOrEqual(256);
      expect(found.externalId.isWellFormed()).toBe(true);
      expect(found.externalId).not.toContain("\0");
      expect(recognise(name, bytes)).toEqual(found);
    }),
  );
});

describe("every golden message", () => {
  // A gateway speaks the words of every family.
  const families = PROFILE_IDS.filter((profile) => profile !== "gateway");
  const messages = families.flatMap((profile) =>
    goldenMessages(profile).map((message) => ({ profile, ...message })),
  );

  test.each(messages)("$profile $file is of its own family or of none", ({ profile, topic, payload }) => {
    const others = PROFILE_IDS.filter(
      (id) => id !== profile && FAMILIES[id].recognise?.(topic, payload) !== undefined,
    );
    expect(others).toEqual([]);
  });
});

function goldenMessages(profile: ProfileId): { file: string; topic: string; payload: Uint8Array }[] {
  const folder = new URL(`./${profile}/golden/`, import.meta.url);
  return readdirSync(folder).flatMap((file): { file: string; topic: string; payload: Uint8Array }[] => {
    const content = readFileSync(new URL(file, folder));
    if (file.endsWith(".txt")) return [{ file, topic: "some/topic", payload: content }];
    if (!file.endsWith(".messages.json")) return [];
    return spokenMessages(content.toString()).map((message) => ({ file, ...message }));
  });
}
