// PostgreSQL's binary COPY format (PostgreSQL manual, COPY, "Binary Format"): what stands around and in the rows.

/** Signature, flags, length of the header's extension. */
export const COPY_HEADER = Buffer.from("PGCOPY\n\u00ff\r\n\0\0\0\0\0\0\0\0\0", "latin1");
/** A field count of -1. */
export const COPY_TRAILER = Buffer.from([0xff, 0xff]);

/** PostgreSQL counts microseconds since 2000-01-01. */
const POSTGRES_EPOCH_MS = Date.UTC(2000, 0, 1);

export function writeInt2(bytes: Buffer, value: number, at: number): number {
  return bytes.writeInt16BE(value, bytes.writeInt32BE(2, at));
}

export function writeInt4(bytes: Buffer, value: number, at: number): number {
  return bytes.writeInt32BE(value, bytes.writeInt32BE(4, at));
}

/**
 * A timestamptz field. Two halves instead of a BigInt: microseconds since 2000 stay below 2^53 until the year 2285.
 */
export function writeTimestamp(bytes: Buffer, instantMs: number, at: number): number {
  const microseconds = (instantMs - POSTGRES_EPOCH_MS) * 1000;
  const high = Math.floor(microseconds / 2 ** 32);
  const next = bytes.writeInt32BE(high, bytes.writeInt32BE(8, at));
  return bytes.writeUInt32BE(microseconds - high * 2 ** 32, next);
}
