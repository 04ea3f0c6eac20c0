// Reading rows in PostgreSQL's binary COPY format, appended to one growing buffer without an object per row.

import { COPY_HEADER, COPY_TRAILER, writeInt2, writeInt4, writeTimestamp } from "./copy-format.ts";

/** A row without its values: field count, eight lengths and seven fixed fields. */
const FIXED_BYTES = 70;

/** The columns, in the order in which `add` writes them. */
export const READING_COLUMNS =
  'device_id, layout_id, observed_at, received_at, clock, flags, fingerprint, "values"';

export type ReadingRow = {
  readonly deviceId: number;
  readonly layoutId: number;
  /** Milliseconds since 1970, not before 2000. */
  readonly observedAtMs: number;
  readonly receivedAtMs: number;
  readonly clock: number;
  readonly flags: number;
  readonly fingerprint: bigint;
  readonly values: Buffer;
};

export class RowBuffer {
  #bytes: Buffer;
  #length = COPY_HEADER.length;
  /** Where each row begins. */
  readonly #starts: number[] = [];

  constructor(initialBytes = 64 * 1024) {
    this.#bytes = Buffer.allocUnsafe(initialBytes);
    COPY_HEADER.copy(this.#bytes);
  }

  get rowCount(): number {
    return this.#starts.length;
  }

  get byteLength(): number {
    return this.#length;
  }

  add(row: ReadingRow): void {
    const { values } = row;
    this.#reserve(FIXED_BYTES + values.length + COPY_TRAILER.length);
    const bytes = this.#bytes;
    let at = this.#length;
    this.#starts.push(at);
    at = bytes.writeInt16BE(8, at);
    at = writeInt4(bytes, row.deviceId, at);
    at = writeInt4(bytes, row.layoutId, at);
    at = writeTimestamp(bytes, row.observedAtMs, at);
    at = writeTimestamp(bytes, row.receivedAtMs, at);
    at = writeInt2(bytes, row.clock, at);
    at = writeInt2(bytes, row.flags, at);
    at = bytes.writeInt32BE(8, at);
    at = bytes.writeBigInt64BE(row.fingerprint, at);
    at = bytes.writeInt32BE(values.length, at);
    bytes.set(values, at);
    this.#length = at + values.length;
  }

  /** What COPY reads for the rows `[from, to)`. Valid until the next `add` or `clear`. */
  copyData(from = 0, to = this.rowCount): Buffer {
    const start = this.#starts[from] ?? this.#length;
    const end = this.#starts[to] ?? this.#length;
    if (from > 0 || end < this.#length) {
      return Buffer.concat([COPY_HEADER, this.#bytes.subarray(start, end), COPY_TRAILER]);
    }
    COPY_TRAILER.copy(this.#bytes, this.#length);
    return this.#bytes.subarray(0, this.#length + COPY_TRAILER.length);
  }

  /** Forgets the rows and keeps the memory. */
  clear(): void {
    this.#length = COPY_HEADER.length;
    this.#starts.length = 0;
  }

  #reserve(more: number): void {
    const wanted = this.#length + more;
    if (wanted <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(wanted, 2 * this.#bytes.length));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}
