// Presets: their topics are filters that a broker takes, whoever the user is; what is no filter is told.
import fc from "fast-check";
import { expect, test } from "vitest";
import { filterMatches } from "#devices/topic";
import { CONNECTOR_KINDS } from "#store";
import { CONNECTOR_PRESETS, isTopicFilter, presetTopics } from "./presets.ts";

test.each([
  ["the-things-stack", "v3/app@tenant/devices/one/up"],
  ["chirpstack", "application/0c1d/device/a84041000000cafe/event/up"],
  ["sinapsi", "/someone/iomtsgdata/key"],
  ["sinapsi", "/someone/iomtsgdata/key/"],
] as const)("%s hears %s", (kind, topic) => {
  expect(presetTopics(kind, "someone").some((filter) => filterMatches(filter, topic))).toBe(true);
});

test("none of them hears what is no measurement, nor another user's", () => {
  expect(
    filterMatches(CONNECTOR_PRESETS.chirpstack.topics[0] ?? "", "application/1/device/2/event/join"),
  ).toBe(false);
  expect(presetTopics("sinapsi", "someone").some((one) => filterMatches(one, "/other/iomtsgdata/key"))).toBe(
    false,
  );
});

test("whatever the user name, topics are filters or none, and hear nobody else", () => {
  fc.assert(
    fc.property(fc.constantFrom(...CONNECTOR_KINDS), fc.string({ unit: "binary" }), (kind, username) => {
      const topics = presetTopics(kind, username.toWellFormed());
      for (const topic of topics) {
        expect(isTopicFilter(topic)).toBe(true);
        expect(topic.split("/").length).toBe(CONNECTOR_PRESETS[kind].topics[0]?.split("/").length);
      }
    }),
  );
  expect([presetTopics("sinapsi", "+"), presetTopics("sinapsi", "a/b"), presetTopics("sinapsi", "")]).toEqual(
    [[], [], []],
  );
});

test.each(["a", "/", "+", "#", "a/+/b", "a/#", "a//b", "é"])("%j is a filter", (filter) => {
  expect(isTopicFilter(filter)).toBe(true);
});
test.each(["", "a#", "#/a", "a/b+", "$SYS/#", "$share/g/a", "a\0", "\ud800", "x".repeat(1025)])(
  "%j is none that we ask for",
  (filter) => {
    expect(isTopicFilter(filter)).toBe(false);
  },
);
