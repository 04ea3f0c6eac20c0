// Whatever the bytes and the topic: the decoder never throws, answers the same each time, and lets nothing unbounded out.
import fc from "fast-check";
import { readFileSync, readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { isDecimal } from "#devices/decimal";
import type { Decoded } from "#devices/reading";
import { spokenMessages } from "../play-messages.ts";
import { decodeEmoncms } from "./decode.ts";
import { family } from "./index.ts";

const CONTEXT = { receivedAtMs: Date.UTC(2026, 2, 1), timezone: "Europe/Brussels", expectedIntervalS: null };
const folder = new URL("./golden/", import.meta.url);
const messages = readdirSync(folder)
  .filter((file) => file.endsWith(".messages.json"))
  .flatMap((file) => spokenMessages(readFileSync(new URL(file, folder), "utf8")));

// eslint-disable-next-line no-control-regex
const UNPRINTABLE = /[\x00-\x1f\x7f]/;

function check({ observations, rejections }: Decoded): void {
  expect(rejections.length).toBeLessThanOrEqual(17);
  for (const { value, register, observedAtMs } of observations) {
    expect(isDecimal(value)).toBe(true);
    expect(register.name.length).toBeLessThanOrEqual(129);
    expect(register.name).not.toMatch(UNPRINTABLE);
    expect(register.name.isWellFormed()).toBe(true);
    expect(observedAtMs === undefined || Number.isSafeInteger(observedAtMs)).toBe(true);
  }
  for (const { detail } of rejections) {
    expect(detail).not.toMatch(UNPRINTABLE);
    expect(detail.isWellFormed() && detail.length < 300).toBe(true);
  }
}

function read(topic: string, payload: Uint8Array): void {
  const decoded = decodeEmoncms(payload, { ...CONTEXT, topic });
  check(decoded);
  expect(decodeEmoncms(payload, { ...CONTEXT, topic })).toEqual(decoded);
  expect(family.recognise?.(topic, payload)).toBe(family.recognise?.(topic, payload));
}

const topic = fc.oneof(
  fc.constantFrom(...messages.map((message) => message.topic)),
  fc.string({ unit: "binary", maxLength: 300 }),
  fc.string({ unit: "binary", maxLength: 80 }).map((key) => `emon/${key}`),
);
const golden = fc.constantFrom(...messages.map((message) => message.payload));
const payload = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  golden,
  fc
    .tuple(golden, fc.nat(200), fc.uint8Array({ maxLength: 3 }))
    .map(([bytes, at, piece]) => Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at + 1)])),
  fc
    .dictionary(fc.string({ unit: "binary" }), fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.double()))
    .map((fields) => Buffer.from(JSON.stringify(fields))),
  fc.jsonValue({ maxDepth: 2 }).map((time) => Buffer.from(JSON.stringify({ P1: 1, time }))),
);

test("arbitrary topics and payloads, and golden ones damaged", () => {
  fc.assert(fc.property(topic, payload, read), { numRuns: 2000 });
});

test.each([
  ["digits", "9"],
  ["commas", ","],
  ["objects", '{"a":'],
  ["quotation marks", '"'],
  ["numbers in a row", "1,"],
  ["blanks", " "],
  ["minus signs", "-"],
])("half a megabyte of %s takes time in proportion", (_name, unit) => {
  const started = performance.now();
  const bytes = Buffer.from(unit.repeat(500_000 / unit.length));
  for (const one of [bytes, bytes.subarray(0, 2000), Buffer.concat([Buffer.from("{"), bytes])]) {
    read("emon/node", one);
    read("emon/node/key", one);
    read("a/".repeat(30_000), one);
  }
  expect(performance.now() - started).toBeLessThan(20_000);
});

test("ten thousand keys are read, and a name of a stranger is not repeated whole", () => {
  const fields = Array.from({ length: 10_000 }, (_, n) => `"P${n}":${n}`).join(",");
  const decoded = decodeEmoncms(Buffer.from(`{${fields}}`), { ...CONTEXT, topic: "emon/node" });
  expect(decoded.observations).toHaveLength(10_000);
  check(decodeEmoncms(Buffer.from("1"), { ...CONTEXT, topic: `emon/${"x".repeat(60_000)}/y` }));
});
