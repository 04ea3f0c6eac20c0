// Runs a select as a binary COPY: bytea arrives as it is, where a query's answer spells every byte in two.
import type { Readable } from "node:stream";
import pg from "pg";
import { to as copyTo } from "pg-copy-streams";
import type { Db } from "../pool.ts";
import { CopyReader, type CopyField } from "./copy-reader.ts";

/**
 * `select` cannot have parameters: COPY knows none. On a pool, an error closes the connection; inside a transaction the client
 * answers the next statement as after any other error.
 */
export async function copyRows<Row>(
  db: Db,
  select: string,
  rowOf: (fields: readonly CopyField[]) => Row,
): Promise<Row[]> {
  const text = `copy (${select}) to stdout (format binary)`;
  if (!(db instanceof pg.Pool)) return rowsFrom(db.query(copyTo(text)), rowOf);
  const client = await db.connect();
  let broken: Error | undefined;
  try {
    return await rowsFrom(client.query(copyTo(text)), rowOf);
  } catch (error) {
    broken = error instanceof Error ? error : new Error(String(error));
    throw error;
  } finally {
    client.release(broken);
  }
}

/** Whatever the reader says, the stream is read to its end: what is left in it would be taken for the next answer. */
function rowsFrom<Row>(stream: Readable, rowOf: (fields: readonly CopyField[]) => Row): Promise<Row[]> {
  const rows: Row[] = [];
  const reader = new CopyReader((fields) => void rows.push(rowOf(fields)));
  let fault: unknown;
  return new Promise((resolve, reject) => {
    stream.on("data", (chunk: Buffer) => {
      if (fault !== undefined) return;
      try {
        reader.push(chunk);
      } catch (error) {
        fault = error;
      }
    });
    stream.on("error", reject);
    stream.on("end", () => {
      fault ??= reader.isComplete ? undefined : new Error("a COPY ended before its trailer");
      if (fault === undefined) resolve(rows);
      else reject(fault);
    });
  });
}
