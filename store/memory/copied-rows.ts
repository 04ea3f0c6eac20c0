// Reads the rows of a batch out of the bytes that PostgreSQL would be given, so that those bytes are what is tested.
import { CopyReader, type CopyField } from "../profiles/copy-reader.ts";
import type { ReadingRow, RowBuffer } from "../readings/row-buffer.ts";

const US_PER_MS = 1000n;
/** PostgreSQL counts from 2000-01-01. */
const EPOCH_MS = Date.UTC(2000, 0, 1);

/** The rows `[from, to)`; their values are copies. */
export function copiedRows(rows: RowBuffer, from: number, to: number): ReadingRow[] {
  const copied: ReadingRow[] = [];
  const reader = new CopyReader((fields) => void copied.push(rowOf(fields)));
  reader.push(rows.copyData(from, to));
  if (!reader.isComplete) throw new Error("a batch ended before its trailer");
  return copied;
}

/** In the order of `READING_COLUMNS`. */
function rowOf(fields: readonly CopyField[]): ReadingRow {
  const [deviceId, layoutId, observedAt, receivedAt, clock, flags, fingerprint, values] = fields.map(present);
  return {
    deviceId: present(deviceId).readInt32BE(),
    layoutId: present(layoutId).readInt32BE(),
    observedAtMs: instantOf(present(observedAt)),
    receivedAtMs: instantOf(present(receivedAt)),
    clock: present(clock).readInt16BE(),
    flags: present(flags).readInt16BE(),
    fingerprint: present(fingerprint).readBigInt64BE(),
    // The batch's memory is used again.
    values: Buffer.from(present(values)),
  };
}

function instantOf(field: Buffer): number {
  return Number(field.readBigInt64BE() / US_PER_MS) + EPOCH_MS;
}

function present(field: CopyField | undefined): Buffer {
  if (field === null || field === undefined) throw new Error("a row of a batch lacks a field");
  return field;
}
