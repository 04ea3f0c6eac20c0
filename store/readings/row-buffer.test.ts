// The COPY encoding, read back byte for byte.
import fc from "fast-check";
import { expect, test } from "vitest";
import { RowBuffer, type ReadingRow } from "./row-buffer.ts";

const instant = fc.integer({ min: Date.UTC(2000, 0, 1), max: Date.UTC(2100, 0, 1) });
const row: fc.Arbitrary<ReadingRow> = fc.record({
  deviceId: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
  layoutId: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
  observedAtMs: instant,
  receivedAtMs: instant,
  clock: fc.integer({ min: 0, max: 3 }),
  flags: fc.integer({ min: 0, max: 7 }),
  fingerprint: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  values: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
});

/** Reads the format as PostgreSQL documents it. */
function decode(data: Buffer): ReadingRow[] {
  expect(data.subarray(0, 11).toString("latin1")).toBe("PGCOPY\n\u00ff\r\n\0");
  expect(data.readInt32BE(11)).toBe(0);
  expect(data.readInt32BE(15)).toBe(0);
  const rows: ReadingRow[] = [];
  let at = 19;
  const field = (): Buffer => {
    const length = data.readInt32BE(at);
    at += 4 + length;
    return data.subarray(at - length, at);
  };
  const time = (): number => Number(field().readBigInt64BE() / 1000n) + Date.UTC(2000, 0, 1);
  for (;;) {
    const fields = data.readInt16BE(at);
    at += 2;
    if (fields === -1) break;
    expect(fields).toBe(8);
    rows.push({
      deviceId: field().readInt32BE(),
      layoutId: field().readInt32BE(),
      observedAtMs: time(),
      receivedAtMs: time(),
      clock: field().readInt16BE(),
      flags: field().readInt16BE(),
      fingerprint: field().readBigInt64BE(),
      values: Buffer.from(field()),
    });
  }
  expect(at).toBe(data.length);
  return rows;
}

test("any range of rows is read back as it went in, also when the buffer had to grow", () => {
  fc.assert(
    fc.property(fc.array(row, { maxLength: 40 }), fc.nat(40), fc.nat(40), (rows, a, b) => {
      const buffer = new RowBuffer(64);
      for (const one of rows) buffer.add(one);
      const from = Math.min(a, b);
      const to = Math.max(a, b);
      expect(decode(buffer.copyData(from, to))).toEqual(rows.slice(from, to));
      expect(decode(buffer.copyData())).toEqual(rows);
    }),
  );
});

test("a cleared buffer starts again", () => {
  const buffer = new RowBuffer();
  const [first, second] = fc.sample(row, 2);
  if (first === undefined || second === undefined) throw new Error("two rows were asked for");
  buffer.add(first);
  buffer.clear();
  buffer.add(second);
  expect(decode(buffer.copyData())).toEqual([second]);
});
