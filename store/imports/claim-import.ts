// Who reads a staged file: one process at a time, until it is silent for too long; then another one begins again.
//
//   staged ──claim──▶ staged, being read ──finish──▶ previewed or failed
//     ▲                     │ nobody heard of it for a minute
//     └─────────────────────┘ five times: failed
import type { Role } from "#devices/vocabulary";
import { scopeOf, type Scope } from "../directory/scope.ts";
import type { Db } from "../pool.ts";
import type { ImportKey } from "./keep-import.ts";

export type ClaimedImport = Omit<ImportKey, "fileHash"> & {
  readonly id: number;
  /** Which reading this is: another process that took over has a higher number. */
  readonly attempt: number;
  /** Of whoever brought the file, as his account is now. */
  readonly scope: Scope;
};

/** A process says that it is alive with each progress; far longer than between two of those. */
const LEASE_S = 60;
/** A file that ends the process that reads it must not do so for ever. */
const ATTEMPTS_MAX = 5;

/** `undefined`: it is not staged any more, or another process has claimed it. */
export function claimImport(db: Db, id: number, nowMs: number): Promise<ClaimedImport | undefined> {
  return claim(db, "i.id = $3 and i.reading_attempt = 0", nowMs, id);
}

/** The oldest file that nobody reads; before that, what was begun too often is given up. */
export async function claimNextImport(db: Db, nowMs: number): Promise<ClaimedImport | undefined> {
  await giveUp(db);
  return claim(
    db,
    "$3::integer is null and (i.reading_until is null or i.reading_until < now())",
    nowMs,
    null,
  );
}

type ClaimedRow = {
  readonly id: number;
  readonly format: string;
  readonly supplyPointId: number | null;
  readonly attempt: number;
  readonly accountId: number;
  readonly role: Role;
  readonly organisationId: number;
  readonly unitId: number | null;
};

async function claim(
  db: Db,
  condition: string,
  nowMs: number,
  id: number | null,
): Promise<ClaimedImport | undefined> {
  const { rows } = await db.query<ClaimedRow>(
    `with due as (
      select i.id
      from import i
      where i.state = 'staged'
        and i.reading_attempt < $2
        and ${condition}
      order by i.id
      limit 1
      for update skip locked
    )
    update import i
    set
      reading_attempt = i.reading_attempt + 1,
      reading_until = now() + make_interval(secs => $1),
      bytes_read = 0,
      rows_read = 0,
      rows_refused = 0
    from due, account a
    where i.id = due.id
      and a.id = i.created_by
    returning i.id, i.format, i.supply_point_id as "supplyPointId", i.reading_attempt as attempt,
      a.id as "accountId", a.role, a.organisation_id as "organisationId", a.unit_id as "unitId"`,
    [LEASE_S, ATTEMPTS_MAX, id],
  );
  const [row] = rows;
  if (row === undefined) return undefined;
  const { format, supplyPointId, attempt, accountId, ...account } = row;
  return { id: row.id, format, supplyPointId, attempt, scope: scopeOf({ ...account, id: accountId }, nowMs) };
}

async function giveUp(db: Db): Promise<void> {
  await db.query(
    `with given_up as (
      update import
      set
        state = 'failed',
        errors = jsonb_build_array(jsonb_build_object(
          'line', 0,
          'column', null,
          'code', 'reading_given_up',
          'detail', 'Reading began ' || $1 || ' times and never came to an end: divide the file into several.'
        ))
      where state = 'staged'
        and reading_attempt >= $1
        and reading_until < now()
      returning id
    )
    delete from import_file
    where import_id in (select id from given_up)`,
    [ATTEMPTS_MAX],
  );
}

/** The file's bytes, a piece at a time. */
export async function* fileOf(db: Db, id: number): AsyncGenerator<Buffer> {
  for (let place = 0; ; place++) {
    const { rows } = await db.query<{ bytes: Buffer }>(
      "select bytes from import_file where import_id = $1 and place = $2",
      [id, place],
    );
    if (rows[0] === undefined) return;
    yield rows[0].bytes;
  }
}

/** Says how far it is, and that its reader is alive. `false`: another process has taken over, or the import is none any more. */
export async function saveProgress(
  db: Db,
  { id, attempt }: ClaimedImport,
  progress: { readonly bytesRead: number; readonly rowsRead: number; readonly rowsRefused: number },
): Promise<boolean> {
  const { rowCount } = await db.query(
    `update import
    set
      bytes_read = $3,
      rows_read = $4,
      rows_refused = $5,
      reading_until = now() + make_interval(secs => $6)
    where id = $1
      and reading_attempt = $2
      and state = 'staged'`,
    [id, attempt, progress.bytesRead, progress.rowsRead, progress.rowsRefused, LEASE_S],
  );
  return rowCount === 1;
}
