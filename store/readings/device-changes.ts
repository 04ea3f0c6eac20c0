// What every broker must hear of at once, read in the order in which it becomes visible: nothing twice, nothing missed.
import { DAY_MS } from "#devices/time";
import { sqlText, type Db } from "../pool.ts";

export type DeviceChange = {
  /** For a claim: the gateway behind which it was. */
  readonly deviceId: number;
  /** `access`: who may connect, or what its messages mean; `command`: one waits; `claim`: a child came, moved or left. */
  readonly kind: "access" | "command" | "claim";
};

/** Up to where changes were read; an opaque text. */
export type ChangeCursor = string;

const READ = sqlText(import.meta.url, "./device-changes.sql");

/** Where reading begins: what is committed already is not read again. */
export async function currentChangeCursor(db: Db): Promise<ChangeCursor> {
  const { rows } = await db.query<{ cursor: string }>("select pg_current_snapshot()::text as cursor");
  const [row] = rows;
  if (row === undefined) throw new Error("the database did not answer with its snapshot");
  return row.cursor;
}

/** What became visible since `cursor`, oldest first, and from where to read next. */
export async function readDeviceChanges(
  db: Db,
  cursor: ChangeCursor,
): Promise<{ changes: readonly DeviceChange[]; cursor: ChangeCursor }> {
  const { rows } = await db.query<{ snapshot: string; changes: DeviceChange[] }>({
    name: "read-device-changes",
    text: READ,
    values: [cursor],
  });
  const [row] = rows;
  if (row === undefined) throw new Error("the database did not answer with its snapshot");
  return { changes: row.changes, cursor: row.snapshot };
}

/** For so long a broker may be away from the database and still hear of everything when it is back. */
const KEPT_MS = DAY_MS;

/** Forgets the changes of more than a day ago; answers how many. */
export async function expireDeviceChanges(db: Db, nowMs: number): Promise<number> {
  const { rowCount } = await db.query("delete from device_change where changed_at < $1", [
    new Date(nowMs - KEPT_MS),
  ]);
  return rowCount ?? 0;
}
