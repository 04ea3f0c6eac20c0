// The road not taken, kept to be measured beside the one taken: a row per value (series, instant, float8).
import { from as copyFrom } from "pg-copy-streams";
import { inTransaction, type Db, type Pool } from "../pool.ts";
import { COPY_HEADER, COPY_TRAILER, writeTimestamp } from "./copy-format.ts";

/** Field count, three lengths, int4, timestamptz, float8. */
const ROW_BYTES = 34;

const CREATE = `
  create table if not exists narrow_reading (series integer not null, observed_at timestamptz not null, value float8 not null);
  select create_hypertable('narrow_reading', by_range('observed_at', interval '7 days'), create_default_indexes => false, if_not_exists => true);
  create unique index if not exists narrow_reading_identity on narrow_reading (series, observed_at);`;

export async function createNarrowReadings(db: Db): Promise<void> {
  await db.query(CREATE);
}

export type NarrowRow = { readonly series: number; readonly observedAtMs: number; readonly value: number };

/** Rows in COPY's binary format, ready for `writeNarrowReadings`. */
export function encodeNarrowReadings(rows: readonly NarrowRow[]): Buffer {
  const bytes = Buffer.allocUnsafe(COPY_HEADER.length + rows.length * ROW_BYTES + COPY_TRAILER.length);
  let at = COPY_HEADER.copy(bytes);
  for (const row of rows) {
    at = bytes.writeInt16BE(3, at);
    at = bytes.writeInt32BE(row.series, bytes.writeInt32BE(4, at));
    at = writeTimestamp(bytes, row.observedAtMs, at);
    at = bytes.writeDoubleBE(row.value, bytes.writeInt32BE(8, at));
  }
  COPY_TRAILER.copy(bytes, at);
  return bytes;
}

/** Commits one batch. */
export async function writeNarrowReadings(pool: Pool, rows: Buffer): Promise<void> {
  await inTransaction(pool, (client) => {
    const stream = client.query(copyFrom("copy narrow_reading from stdin (format binary)"));
    return new Promise<void>((resolve, reject) => {
      stream.on("error", reject);
      stream.on("finish", resolve);
      stream.end(rows);
    });
  });
}

export async function listNarrowReadings(
  db: Db,
  series: number,
  fromMs: number,
  toMs: number,
): Promise<{ observedAtMs: number; value: number }[]> {
  const { rows } = await db.query<{ observed_at: Date; value: number }>(
    `select observed_at, value
     from narrow_reading
     where series = $1 and observed_at >= $2 and observed_at < $3
     order by observed_at`,
    [series, new Date(fromMs), new Date(toMs)],
  );
  return rows.map(({ observed_at, value }) => ({ observedAtMs: observed_at.getTime(), value }));
}

/** Bytes on disk of a table of readings, with its indexes. */
export async function readingBytes(db: Db, table: "reading" | "narrow_reading"): Promise<number> {
  const { rows } = await db.query<{ bytes: string }>("select hypertable_size($1::regclass) as bytes", [
    table,
  ]);
  return Number(rows[0]?.bytes ?? 0);
}
