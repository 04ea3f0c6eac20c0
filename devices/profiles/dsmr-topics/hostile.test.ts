// Whatever the bytes and the topic: the decoder never throws, answers the same each time, and lets nothing unbounded out.
import fc from "fast-check";
import { readFileSync, readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { isDecimal } from "#devices/decimal";
import type { DecodeContext, Decoded } from "#devices/reading";
import { spokenMessages } from "../play-messages.ts";
import { decodeDsmrTopic } from "./decode.ts";
import { family } from "./index.ts";

const CONTEXT = { receivedAtMs: Date.UTC(2026, 2, 1), timezone: "Europe/Brussels", expectedIntervalS: null };
const folder = new URL("./golden/", import.meta.url);
const messages = readdirSync(folder)
  .filter((file) => file.endsWith(".messages.json"))
  .flatMap((file) => spokenMessages(readFileSync(new URL(file, folder), "utf8")));

// eslint-disable-next-line no-control-regex
const UNPRINTABLE = /[\x00-\x1f\x7f]/;

function check({ observations, rejections, facts = [] }: Decoded): void {
  expect(observations.length + rejections.length + facts.length).toBeLessThanOrEqual(2);
  for (const { value, register, observedAtMs } of observations) {
    expect(isDecimal(value)).toBe(true);
    expect(register.name).toMatch(/^[a-z0-9_/]+$/);
    expect(observedAtMs === undefined || Number.isSafeInteger(observedAtMs)).toBe(true);
  }
  for (const { detail } of rejections) {
    expect(detail).not.toMatch(UNPRINTABLE);
    expect(detail.isWellFormed() && detail.length < 250).toBe(true);
  }
  for (const { key, value } of facts) {
    expect(key.length).toBeLessThanOrEqual(256);
    expect(value.length).toBeLessThanOrEqual(96);
    expect(`${key}${value}`.isWellFormed()).toBe(true);
    expect(`${key}${value}`).not.toContain("\0");
  }
}

/** The same twice, from what is remembered and from nothing. */
function read(topic: string, payload: Uint8Array, recent: Map<string, unknown>): void {
  const context = (memory: Map<string, unknown>): DecodeContext => ({ ...CONTEXT, topic, recent: memory });
  check(decodeDsmrTopic(payload, context(recent)));
  expect(decodeDsmrTopic(payload, context(new Map()))).toEqual(decodeDsmrTopic(payload, context(new Map())));
  const name = family.recognise?.(topic, payload);
  expect(family.recognise?.(topic, payload)).toBe(name);
}

const topic = fc.oneof(
  fc.constantFrom(...messages.map((message) => message.topic)),
  fc.string({ unit: "binary", maxLength: 300 }),
  fc.string({ unit: "binary", maxLength: 100 }).map((prefix) => `${prefix}/dsmr/reading/timestamp`),
  fc.string({ unit: "binary", maxLength: 100 }).map((prefix) => `${prefix}/dsmr/reading/gas_equipment_id`),
);
const payload = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.constantFrom(...messages.map((message) => message.payload)),
  fc
    .tuple(fc.constantFrom(...messages.map((message) => message.payload)), fc.nat(30), fc.nat(255))
    .map(([bytes, at, byte]) => {
      const copy = Buffer.from(bytes);
      if (copy.length > 0) copy[at % copy.length] = byte;
      return copy;
    }),
  fc.constantFrom("9".repeat(90), "1e5", "-0", ".5", "5.", "+1", "0x1").map((text) => Buffer.from(text)),
);

test("arbitrary topics and payloads, and golden ones with a byte changed", () => {
  const recent = new Map<string, unknown>();
  fc.assert(
    fc.property(topic, payload, (name, bytes) => read(name, bytes, recent)),
    { numRuns: 2000 },
  );
});

test("a megabyte is refused at once, and a thousand prefixes are not all remembered", () => {
  const started = performance.now();
  check(
    decodeDsmrTopic(Buffer.alloc(1_000_000, 0x31), {
      ...CONTEXT,
      topic: "dsmr/reading/electricity_delivered_1",
    }),
  );
  check(decodeDsmrTopic(Buffer.from("1"), { ...CONTEXT, topic: "dsmr/".repeat(200_000) }));
  const recent = new Map<string, unknown>();
  for (let n = 0; n < 1000; n++) {
    decodeDsmrTopic(Buffer.from("2026-03-01T11:00:00Z"), {
      ...CONTEXT,
      topic: `p${n}/dsmr/reading/timestamp`,
      recent,
    });
  }
  expect(recent.size).toBe(1);
  expect((recent.get("dsmr-topics") as Map<string, unknown>).size).toBeLessThanOrEqual(48);
  expect(performance.now() - started).toBeLessThan(20_000);
});
