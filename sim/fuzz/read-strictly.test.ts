// The strict reader takes every publish that a library writes, wherever damage begins it takes nothing beyond, and it never throws.
import fc from "fast-check";
import { generate } from "mqtt-packet";
import { expect, test } from "vitest";
import { readStrictly } from "./read-strictly.ts";

const BYTES_MAX = 256 * 1024;
const publish = fc
  .record({
    topic: fc.string({ minLength: 1, unit: fc.constantFrom("a", "/", "é", "$") }),
    payload: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    qos: fc.constantFrom<0 | 1 | 2>(0, 1, 2),
    messageId: fc.integer({ min: 1, max: 65_535 }),
    retain: fc.boolean(),
  })
  .filter(({ topic }) => !topic.startsWith("$"));
const bytesOf = (one: {
  topic: string;
  payload: Buffer;
  qos: 0 | 1 | 2;
  messageId: number;
  retain: boolean;
}): Buffer => Buffer.from(generate({ cmd: "publish", dup: false, ...one }));

test("publishes between other packets are read as they were written", () => {
  const other = fc.constantFrom<Buffer>(
    Buffer.from([0xc0, 0]),
    Buffer.from([0x62, 2, 0, 1]),
    Buffer.alloc(0),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(publish, other), { maxLength: 8 }), (train) => {
      const bytes = Buffer.concat(train.flatMap(([one, between]) => [bytesOf(one), between]));
      expect(readStrictly(bytes, BYTES_MAX)).toEqual(
        train.map(([{ topic, payload, qos, messageId }]) => ({
          topic,
          payload,
          qos,
          messageId: qos === 0 ? 0 : messageId,
        })),
      );
    }),
  );
});

test("nothing behind a packet that may not be there is read", () => {
  const bad = fc.constantFrom(
    "c100",
    "d000",
    "e000",
    "3600",
    "32ffffffff",
    "320400016100",
    "32060001610000",
    "3005000161",
  );
  fc.assert(
    fc.property(publish, bad, publish, (before, hex, behind) => {
      const bytes = Buffer.concat([bytesOf(before), Buffer.from(hex, "hex")]);
      expect(readStrictly(bytes, BYTES_MAX)).toHaveLength(1);
      if (!hex.startsWith("30"))
        expect(readStrictly(Buffer.concat([bytes, bytesOf(behind)]), BYTES_MAX).length).toBeLessThan(3);
    }),
  );
});

test("any bytes are read without an error", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 300 }),
      (bytes) => void readStrictly(Buffer.from(bytes), BYTES_MAX),
    ),
  );
});
