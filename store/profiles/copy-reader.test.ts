// The binary COPY format, read whatever the pieces are in which it arrives; what is not it is refused.
import fc from "fast-check";
import { expect, test } from "vitest";
import { COPY_HEADER, COPY_TRAILER } from "../readings/copy-format.ts";
import { CopyReader, readFloat8, readInt4, readInt4Array, type CopyField } from "./copy-reader.ts";

const int2 = (value: number) => {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
};
const int4 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
const encodedField = (field: CopyField) =>
  field === null ? int4(-1) : Buffer.concat([int4(field.length), field]);
const encoded = (rows: readonly (readonly CopyField[])[]) =>
  Buffer.concat([
    COPY_HEADER,
    ...rows.flatMap((row) => [int2(row.length), ...row.map(encodedField)]),
    COPY_TRAILER,
  ]);

function read(pieces: readonly Buffer[]): { rows: (readonly CopyField[])[]; isComplete: boolean } {
  const rows: (readonly CopyField[])[] = [];
  const reader = new CopyReader((fields) => void rows.push(fields));
  for (const piece of pieces) reader.push(piece);
  return { rows, isComplete: reader.isComplete };
}

/** Cuts at these places, taken modulo what is there. */
function pieces(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = cuts.map((cut) => cut % (bytes.length + 1)).toSorted((one, other) => one - other);
  return [...places, bytes.length].map((end, index) => bytes.subarray(places[index - 1] ?? 0, end));
}

const field = fc.option(fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)));
const anyRows = fc.array(fc.array(field, { maxLength: 5 }), { maxLength: 5 });

test("rows are the same whatever the pieces in which they arrive", () => {
  fc.assert(
    fc.property(anyRows, fc.array(fc.nat()), (rows, cuts) => {
      expect(read(pieces(encoded(rows), cuts))).toEqual({ rows, isComplete: true });
    }),
  );
});

test("what ends before its trailer is not complete, and has the rows before", () => {
  fc.assert(
    fc.property(anyRows, fc.nat(), (rows, cut) => {
      const bytes = encoded(rows);
      const { rows: found, isComplete } = read([bytes.subarray(0, cut % bytes.length)]);
      expect(isComplete).toBe(false);
      expect(found).toEqual(rows.slice(0, found.length));
    }),
  );
});

test("another header, a field of less than nothing, bytes after the trailer are refused", () => {
  expect(() => read([Buffer.alloc(COPY_HEADER.length)])).toThrow("a header that is not known");
  expect(() => read([COPY_HEADER, int2(1), int4(-2)])).toThrow("a field of -2 bytes");
  expect(() => read([COPY_HEADER, int2(-2)])).toThrow("a row of -2 fields");
  expect(() => read([encoded([]), Buffer.alloc(1)])).toThrow("goes on after its trailer");
});

test("integers, floats and lists of integers are those that PostgreSQL writes", () => {
  expect(readInt4(int4(-7))).toBe(-7);
  expect(readFloat8(Buffer.from("fff0000000000000", "hex"))).toBe(-Infinity);
  const list = (...items: Buffer[]) => Buffer.concat([int4(1), int4(0), int4(23), ...items]);
  expect(readInt4Array(list(int4(2), int4(1), int4(4), int4(5), int4(4), int4(-6)))).toEqual([5, -6]);
  expect(readInt4Array(Buffer.concat([int4(0), int4(0), int4(23)]))).toEqual([]);
  expect(() => readInt4Array(list(int4(3), int4(1), int4(4), int4(5)))).toThrow("no list of integers");
  expect(() => readInt4(null)).toThrow("lacks a field");
});
