// What holds of every decoder whatever it is given, for the families' hostile tests; and what they start from.
import fc from "fast-check";
import { readFileSync, readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { isDecimal } from "#devices/decimal";
import type { Decoded } from "#devices/reading";
import { quantityOf } from "#devices/units";
import type { ProfileId } from "#devices/vocabulary";
import type { Family } from "./family.ts";
import { playMessages, spokenMessages, type SpokenMessage } from "./play-messages.ts";

const CONTEXT = {
  receivedAtMs: Date.UTC(2026, 2, 1),
  timezone: "Europe/Brussels",
  expectedIntervalS: null,
};

// eslint-disable-next-line no-control-regex
const UNPRINTABLE = /[\x00-\x1f\x7f]/;

/** So that only a wrong order of growth is seen on a busy machine. */
const SLOW_MS = 20_000;
const HALF_A_MEGABYTE = 500_000;

/**
 * The tests that every family without a memory passes. `shapes`: messages that are nearly right, of any values; `grown`: what is
 * repeated to half a megabyte, and the message that it is put into.
 */
export function testHostile(
  family: Family,
  shapes: fc.Arbitrary<SpokenMessage>,
  grown: readonly (readonly [unit: string, whole: (inner: string) => string])[],
): void {
  const speech = goldenSpeech(family.profile);
  const topics = fc.oneof(
    fc.constantFrom("t", ...speech.map(({ topic }) => topic)),
    fc.string({ unit: "binary", maxLength: 100 }),
  );
  const check = (message: SpokenMessage): void => checkHostile(family, [message]);
  const says = (payload: fc.Arbitrary<Uint8Array>) => fc.record({ topic: topics, payload });

  test("arbitrary bytes and JSON on any topic never make it throw", () => {
    fc.assert(fc.property(says(fc.uint8Array({ maxLength: 300 })), check));
    fc.assert(fc.property(says(fc.json().map((text) => Buffer.from(text))), check));
  });

  test("messages of the right form with anything in them never make it throw", () => {
    fc.assert(fc.property(shapes, check));
  });

  test("messages with bytes changed, cut out or doubled never make it throw", () => {
    fc.assert(fc.property(mutated(speech), check), { numRuns: 500 });
  });

  test.each(grown)("half a megabyte of %s takes time in proportion", (unit, whole) => {
    const inner = unit.repeat(Math.floor(HALF_A_MEGABYTE / unit.length));
    const started = performance.now();
    for (const text of [inner, whole(inner.replace(/,$/, ""))]) {
      for (const { topic } of speech.slice(0, 3)) check({ topic, payload: Buffer.from(text) });
    }
    expect(performance.now() - started).toBeLessThan(SLOW_MS);
  });
}

/** Names and values as a stranger's JSON may have them; `names` are those that the family looks for. */
export function strangeFields(names: readonly string[]): fc.Arbitrary<Record<string, unknown>> {
  const name = fc.oneof(fc.constantFrom(...names, "__proto__", "constructor"), fc.string({ unit: "binary" }));
  return fc.dictionary(name, fc.oneof(fc.jsonValue(), fc.double(), fc.string()));
}

/** Messages in their order: none makes the decoder throw, each is answered alike the second time, within bounds. */
export function checkHostile(family: Family, messages: readonly SpokenMessage[]): void {
  const answers = playMessages(family.decode, messages, CONTEXT);
  for (const [place, answer] of answers.entries()) checkAnswer(answer, messages[place]?.payload.length ?? 0);
  expect(playMessages(family.decode, messages, CONTEXT)).toEqual(answers);
  for (const { topic, payload } of messages) {
    const name = family.recognise?.(topic, payload);
    expect(family.recognise?.(topic, payload)).toBe(name);
  }
}

function checkAnswer({ observations, rejections, facts = [], requests = [] }: Decoded, bytes: number): void {
  expect(observations.length).toBeLessThanOrEqual(bytes);
  expect(rejections.length).toBeLessThanOrEqual(18);
  for (const { register, value, observedAtMs } of observations) {
    expect(isDecimal(value)).toBe(true);
    expect(observedAtMs === undefined || Number.isSafeInteger(observedAtMs)).toBe(true);
    for (const text of [register.name, register.equipmentId, register.unit, register.quantity]) {
      expect(text).not.toMatch(UNPRINTABLE);
      expect(text.isWellFormed()).toBe(true);
    }
    expect(register.name.length).toBeLessThanOrEqual(200);
    expect(register.name.length).toBeGreaterThan(0);
    expect(register.equipmentId.length).toBeLessThanOrEqual(100);
    expect(register.unit === "" || quantityOf(register.unit) !== undefined).toBe(true);
  }
  for (const { detail } of rejections) {
    expect(detail).not.toMatch(UNPRINTABLE);
    expect(detail.isWellFormed()).toBe(true);
    expect(detail.length).toBeLessThan(400);
  }
  for (const { key, value } of facts) {
    expect(key.length).toBeGreaterThan(0);
    expect(key.length).toBeLessThanOrEqual(256);
    expect(value.length).toBeLessThanOrEqual(16_384);
    expect(`${key}${value}`.isWellFormed()).toBe(true);
    expect(`${key}${value}`).not.toContain("\0");
  }
  expect(requests.length).toBeLessThanOrEqual(1);
}

/** The messages of a family's golden files. */
export function goldenSpeech(profile: ProfileId): SpokenMessage[] {
  const folder = new URL(`./${profile}/golden/`, import.meta.url);
  return readdirSync(folder)
    .filter((file) => file.endsWith(".messages.json"))
    .flatMap((file) => spokenMessages(readFileSync(new URL(file, folder), "utf8")));
}

/** One of them with bytes changed, cut out or doubled. */
export function mutated(messages: readonly SpokenMessage[]): fc.Arbitrary<SpokenMessage> {
  const change = fc.record({ at: fc.nat(1500), remove: fc.nat(20), insert: fc.uint8Array({ maxLength: 6 }) });
  const changes = fc.array(change, { minLength: 1, maxLength: 4 });
  return fc.tuple(fc.constantFrom(...messages), changes).map(([{ topic, payload }, list]) => {
    let bytes = Buffer.from(payload);
    for (const { at, remove, insert } of list) {
      bytes = Buffer.concat([bytes.subarray(0, at), insert, bytes.subarray(at + remove)]);
    }
    return { topic, payload: bytes };
  });
}
