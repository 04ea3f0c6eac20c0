// The checksum against the published check value of CRC-16/ARC, and in parts.
import fc from "fast-check";
import { expect, test } from "vitest";
import { crc16 } from "./crc16.ts";

test("the check value of CRC-16/ARC holds", () => {
  expect(crc16(Buffer.from("123456789"))).toBe(0xbb3d);
});

test("a checksum in two parts is the checksum of the whole", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(300), (bytes, cut) => {
      const at = Math.min(cut, bytes.length);
      expect(crc16(bytes, at, bytes.length, crc16(bytes, 0, at))).toBe(crc16(bytes));
    }),
  );
});

test("every single changed bit is noticed", () => {
  const bytes = Buffer.from("/KPG5\\253769484_A\r\n\r\n1-0:1.8.1(000015.758*kWh)\r\n!");
  const before = crc16(bytes);
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const changed = Buffer.from(bytes);
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect(crc16(changed)).not.toBe(before);
  }
});
