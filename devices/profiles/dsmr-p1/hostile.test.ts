// Whatever the bytes: the decoder never throws, takes time in proportion, and lets nothing unprintable out.
import fc from "fast-check";
import { readFileSync, readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { isDecimal } from "#devices/decimal";
import type { DecodeContext, Decoded } from "#devices/reading";
import { decodeP1 } from "./decode.ts";

const CONTEXT: DecodeContext = {
  topic: "t",
  receivedAtMs: Date.UTC(2026, 2, 1),
  timezone: "Europe/Brussels",
  expectedIntervalS: null,
};

const folder = new URL("./golden/", import.meta.url);
const telegrams = readdirSync(folder)
  .filter((file) => file.endsWith(".txt"))
  .map((file) => readFileSync(new URL(file, folder)));

// eslint-disable-next-line no-control-regex
const UNPRINTABLE = /[\x00-\x1f\x7f]/;

const BOMB_BYTES = 500_000;

function check({ observations, rejections }: Decoded): void {
  expect(observations.length + rejections.length).toBeGreaterThan(0);
  expect(rejections.length).toBeLessThanOrEqual(18);
  for (const { register, value, observedAtMs } of observations) {
    expect(isDecimal(value)).toBe(true);
    expect(observedAtMs === undefined || Number.isSafeInteger(observedAtMs)).toBe(true);
    expect(register.name).toMatch(/^\d{1,3}-\d{1,3}:\d{1,3}\.\d{1,3}\.\d{1,3}$/);
    expect(register.equipmentId).not.toMatch(UNPRINTABLE);
    expect(register.unit).not.toMatch(UNPRINTABLE);
  }
  for (const { detail } of rejections) {
    expect(detail).not.toMatch(UNPRINTABLE);
    expect(detail.length).toBeLessThan(250);
  }
}

test("arbitrary bytes never make it throw", () => {
  const telegramLike = fc.string({
    unit: fc.constantFrom(..."/!()*:.-0123456789kWhSW\r\n\0A".split("")),
    maxLength: 400,
  });
  fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => check(decodeP1(bytes, CONTEXT))));
  fc.assert(fc.property(telegramLike, (text) => check(decodeP1(Buffer.from(`/K\n${text}`), CONTEXT))));
});

test("telegrams with bytes changed, cut out or doubled never make it throw", () => {
  const change = fc.record({
    at: fc.nat(1200),
    remove: fc.nat(30),
    insert: fc.oneof(
      fc.uint8Array({ maxLength: 4 }),
      fc.constant(Buffer.from("!\r\n")),
      fc.constant(Buffer.from("((")),
    ),
  });
  fc.assert(
    fc.property(
      fc.constantFrom(...telegrams),
      fc.array(change, { minLength: 1, maxLength: 5 }),
      (telegram, changes) => {
        let bytes = Buffer.from(telegram);
        for (const { at, remove, insert } of changes) {
          bytes = Buffer.concat([bytes.subarray(0, at), insert, bytes.subarray(at + remove)]);
        }
        check(decodeP1(bytes, CONTEXT));
        // Without a checksum the damaged lines themselves are read.
        check(
          decodeP1(Buffer.from(bytes.toString("latin1").replace(/![0-9A-F]{1,4}/g, "!"), "latin1"), CONTEXT),
        );
      },
    ),
    { numRuns: 500 },
  );
});

test("a payload that is a view into a larger buffer is read within its bounds", () => {
  const [telegram = Buffer.alloc(0)] = telegrams;
  const padded = Buffer.concat([Buffer.from("!!!/A"), telegram, Buffer.from("/KPG")]);
  const view = new Uint8Array(padded.buffer, padded.byteOffset + 5, telegram.length);
  expect(decodeP1(view, CONTEXT)).toEqual(decodeP1(telegram, CONTEXT));
});

test.each([
  ["slashes", "/"],
  ["headers", "\n/a"],
  ["ends", "\n!"],
  ["tiny telegrams", "/a!\0"],
  ["tiny telegrams with checksum", "/a!1\0"],
  ["open brackets", "("],
  ["lines without brackets", "a\n"],
  ["lines that are never closed", "1-0:1.8.0(\n"],
  ["continued lines", "0-0:98.1.0(1)\n(\n"],
  ["groups", "1-0:1.8.0(1)(1)(1)(1)(1)(1)"],
  ["serial numbers", "0-0:96.1.1(3141)\n"],
  ["history", "0-0:98.1.0(1)(1-0:1.6.0)(1-0:1.6.0)(260101000000W)(260101000000W)(1*kW)\n"],
  ["NUL", "\0"],
])("half a megabyte of %s takes time in proportion", (_, unit) => {
  const bytes = Buffer.from(`/KPG5\r\n${unit.repeat(Math.ceil(BOMB_BYTES / unit.length))}\r\n!\r\n`);
  const started = performance.now();
  check(decodeP1(bytes.subarray(0, BOMB_BYTES), CONTEXT));
  check(decodeP1(bytes, CONTEXT));
  // A quarter of a second on an idle machine; anything quadratic takes minutes.
  expect(performance.now() - started).toBeLessThan(20_000);
});
