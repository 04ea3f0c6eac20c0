// Reads rows out of PostgreSQL's binary COPY format as it arrives (PostgreSQL manual, COPY, "Binary Format").
import { COPY_HEADER } from "../readings/copy-format.ts";

export type CopyField = Buffer | null;

const INT2_BYTES = 2;
const INT4_BYTES = 4;
const TRAILER = -1;
const NULL = -1;
const NOTHING = Buffer.alloc(0);

/**
 * Each row is handed over when its last byte is there. A field that lies within one chunk is a view of it; one that does not is
 * put together in a buffer of its own, so no byte is copied more than once. Throws an `Error` for what is not this format;
 * nothing more may be pushed then.
 */
export class CopyReader {
  readonly #steps: Generator<number, void, Buffer>;
  /** Bytes of the next step; 0 after the trailer. */
  #wanted: number;
  #started: Buffer | undefined;
  #filled = 0;

  constructor(onRow: (fields: readonly CopyField[]) => void) {
    this.#steps = steps(onRow);
    this.#wanted = this.#steps.next().value ?? 0;
  }

  /** Whether the trailer was read: without it rows are missing. */
  get isComplete(): boolean {
    return this.#wanted === 0;
  }

  push(chunk: Buffer): void {
    for (let at = 0; at < chunk.length;) {
      if (this.isComplete) throw new Error("a COPY goes on after its trailer");
      at += this.#take(chunk, at);
    }
  }

  /** How many bytes of the chunk were taken. */
  #take(chunk: Buffer, at: number): number {
    const count = Math.min(this.#wanted - this.#filled, chunk.length - at);
    if (count === this.#wanted) {
      this.#step(chunk.subarray(at, at + count));
      return count;
    }
    this.#started ??= Buffer.allocUnsafeSlow(this.#wanted);
    chunk.copy(this.#started, this.#filled, at, at + count);
    this.#filled += count;
    if (this.#filled === this.#wanted) this.#step(this.#started);
    return count;
  }

  #step(bytes: Buffer): void {
    this.#started = undefined;
    this.#filled = 0;
    this.#wanted = this.#steps.next(bytes).value ?? 0;
  }
}

/** Asks for so many bytes, goes on when they are there. */
function* steps(onRow: (fields: readonly CopyField[]) => void): Generator<number, void, Buffer> {
  const header = yield COPY_HEADER.length;
  if (!header.equals(COPY_HEADER)) throw new Error("a COPY begins with a header that is not known");
  for (;;) {
    const count = (yield INT2_BYTES).readInt16BE();
    if (count === TRAILER) return;
    if (count < 0) throw new Error(`a COPY has a row of ${count} fields`);
    const fields: CopyField[] = [];
    while (fields.length < count) {
      const length = (yield INT4_BYTES).readInt32BE();
      if (length < NULL) throw new Error(`a COPY has a field of ${length} bytes`);
      if (length > 0) fields.push(yield length);
      else fields.push(length === NULL ? null : NOTHING);
    }
    onRow(fields);
  }
}

export function readInt4(field: CopyField | undefined): number {
  return present(field).readInt32BE();
}

export function readFloat8(field: CopyField | undefined): number {
  return present(field).readDoubleBE();
}

/** An array of one dimension without nulls (PostgreSQL source, `array_send`); an empty one has none. */
export function readInt4Array(field: CopyField | undefined): number[] {
  const bytes = present(field);
  const dimensions = bytes.readInt32BE();
  if (dimensions === 0) return [];
  const hasNulls = bytes.readInt32BE(INT4_BYTES) !== 0;
  const count = bytes.readInt32BE(3 * INT4_BYTES);
  if (dimensions !== 1 || hasNulls || bytes.length !== ARRAY_HEADER_BYTES + count * ARRAY_ITEM_BYTES) {
    throw new Error(`a COPY has ${bytes.length} bytes that are no list of integers`);
  }
  // Each has its length before it.
  return Array.from({ length: count }, (_, index) =>
    bytes.readInt32BE(ARRAY_HEADER_BYTES + index * ARRAY_ITEM_BYTES + INT4_BYTES),
  );
}

/** Dimensions, whether there are nulls, type, length, lower bound. */
const ARRAY_HEADER_BYTES = 5 * INT4_BYTES;
const ARRAY_ITEM_BYTES = 2 * INT4_BYTES;

function present(field: CopyField | undefined): Buffer {
  if (field === null || field === undefined) throw new Error("a COPY lacks a field");
  return field;
}
