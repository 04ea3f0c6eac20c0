// Readings in memory as the rule that reads them wants them: packed by layout, as PostgreSQL packs them.
import type { BeyondRow, PackedRow, ReadingSource } from "../profiles/index-values.ts";
import type { ReadingRow } from "../readings/row-buffer.ts";
import type { MemoryDatabase } from "./memory-database.ts";

export function readingsOf({ directory, readings }: MemoryDatabase): ReadingSource {
  const layoutsOf = (deviceId: number, registerIds: readonly number[]) =>
    directory.layoutsOf([deviceId]).filter((one) => one.registerIds.some((id) => registerIds.includes(id)));
  return {
    within: (spans, registerIds) =>
      Promise.resolve(
        spans.flatMap(({ deviceId, fromMs, toMs }) =>
          layoutsOf(deviceId, registerIds).flatMap(({ id, registerIds: own }): PackedRow[] => {
            const rows = readings.between(deviceId, id, fromMs, toMs);
            return rows.length === 0 ? [] : [{ register_ids: own, packed: packedRows(rows) }];
          }),
        ),
      ),
    beyond: (needs, limit) => {
      const wanted = needs.flatMap(({ registerIds }) => registerIds);
      return Promise.resolve(
        needs.flatMap(({ deviceId, side, atMs }, at) =>
          layoutsOf(deviceId, wanted).flatMap(({ id, registerIds: own }): BeyondRow[] => {
            const rows = readings.nearest(deviceId, id, side, atMs, limit);
            if (rows.length === 0) return [];
            return [{ place: at + 1, register_ids: own, row_count: rows.length, packed: packedRows(rows) }];
          }),
        ),
      );
    },
  };
}

const HEADER_BYTES = 14;
/** PostgreSQL counts microseconds since 2000-01-01. */
const EPOCH_MS = Date.UTC(2000, 0, 1);
const US_PER_MS = 1000n;

/** As `index-values.sql` packs them. */
function packedRows(rows: readonly ReadingRow[]): Buffer {
  const bytes = Buffer.allocUnsafe(rows.reduce((sum, { values }) => sum + HEADER_BYTES + values.length, 0));
  let at = 0;
  for (const { observedAtMs, clock, values } of rows) {
    at = bytes.writeBigInt64BE(BigInt(observedAtMs - EPOCH_MS) * US_PER_MS, at);
    at = bytes.writeInt16BE(clock, at);
    at = bytes.writeInt32BE(values.length, at);
    at += values.copy(bytes, at);
  }
  return bytes;
}
