// Topics and filters: the examples of the standard, and a filter made of a topic matches it.
import fc from "fast-check";
import { expect, test } from "vitest";
import { filterMatches, publishFault } from "./topic.ts";

test.each([
  ["sport/tennis/player1/#", "sport/tennis/player1", true],
  ["sport/tennis/player1/#", "sport/tennis/player1/ranking", true],
  ["sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", true],
  ["sport/#", "sport", true],
  ["#", "sport/tennis", true],
  ["sport/tennis/+", "sport/tennis/player1", true],
  ["sport/tennis/+", "sport/tennis/player1/ranking", false],
  ["sport/+", "sport", false],
  ["sport/+", "sport/", true],
  ["+/+", "/finance", true],
  ["/+", "/finance", true],
  ["+", "/finance", false],
  ["sport", "Sport", false],
  ["sport", "sport/tennis", false],
])("%s hears %s: %s [MQTT-4.7.1]", (filter, topic, heard) => {
  expect(filterMatches(filter, topic)).toBe(heard);
});

const levels = fc.array(fc.string({ unit: fc.constantFrom("a", "b", "é", "$"), maxLength: 3 }), {
  minLength: 1,
  maxLength: 6,
});

test("a topic is heard by itself, with any of its levels as +, and with any of its ends as #", () => {
  fc.assert(
    fc.property(levels, fc.nat(), fc.nat(), (topic, plus, hash) => {
      const withPlus = topic.with(plus % topic.length, "+");
      const withHash = [...topic.slice(0, hash % (topic.length + 1)), "#"];
      for (const filter of [topic, withPlus, withHash]) {
        expect(filterMatches(filter.join("/"), topic.join("/"))).toBe(true);
      }
    }),
  );
});

test("what nobody may publish to is named", () => {
  expect(publishFault("")).toBe("topic_empty");
  expect(publishFault("$SYS/x")).toBe("topic_reserved");
  expect(publishFault("a\0")).toBe("topic_nul");
  expect(publishFault("a/+")).toBe("topic_wildcard");
  expect(publishFault("a/".repeat(98))).toBe("topic_too_deep");
  expect(publishFault("a/".repeat(97))).toBeUndefined();
});
