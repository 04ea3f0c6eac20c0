// The end of a packet is found from its fixed header alone, and no length reads beyond the bound.
import fc from "fast-check";
import { generate } from "mqtt-packet";
import { expect, test } from "vitest";
import { packetEnd, TOO_SHORT, UNREADABLE } from "./packet-end.ts";

const BOUND = 256 * 1024;

test("packets of every size end where the next one begins, wherever they stand", () => {
  fc.assert(
    fc.property(fc.nat({ max: 30 }), fc.nat({ max: 200_000 }), (before, size) => {
      const packet = generate({
        cmd: "publish",
        topic: "t",
        payload: Buffer.alloc(size),
        qos: 1,
        messageId: 1,
        dup: false,
        retain: false,
      });
      const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(packet), Buffer.alloc(3)]);
      expect(packetEnd(bytes, before, BOUND)).toBe(before + packet.length);
      // Told from the header alone, as soon as that is there.
      const header = packet.length - size - 5;
      expect(packetEnd(bytes.subarray(0, before + header), before, BOUND)).toBe(before + packet.length);
      expect(packetEnd(bytes.subarray(0, before + header - 1), before, BOUND)).toBe(TOO_SHORT);
    }),
    { numRuns: 200 },
  );
});

test("five bytes of length, and a length above the bound, are not read", () => {
  expect(packetEnd(Uint8Array.of(0x32, 0xff, 0xff, 0xff, 0xff, 0x01), 0, BOUND)).toBe(UNREADABLE);
  expect(packetEnd(Uint8Array.of(0x32, 0x81, 0x80, 0x10), 0, BOUND)).toBe(UNREADABLE);
  expect(packetEnd(Uint8Array.of(0x32, 0x80, 0x80, 0x10), 0, BOUND)).toBe(4 + BOUND);
});
