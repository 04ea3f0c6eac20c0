// What people say of a register's steps against the rules: recorded, taken back, and what the worker reads of it.
import type { RegisterState } from "#devices/vocabulary";
import { holdRegisters } from "../directory/hold-registers.ts";
import { scoped, type Scope } from "../directory/scope.ts";
import { sqlText, type Db } from "../pool.ts";

/** A ruling in force. Indices are decimal text in the register's unit. */
export type StoredRuling = {
  readonly registerId: number;
  readonly id: number;
  readonly kind: RegisterState;
  /** Both inclusive. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly closingIndex: string | null;
  readonly openingIndex: string | null;
};

const LIST = sqlText(import.meta.url, "./list-rulings.sql");

type Row = {
  register_id: number;
  id: number;
  kind: RegisterState;
  from_ms: number;
  to_ms: number;
  closing_index: string | null;
  opening_index: string | null;
};

/** Of these registers, those in force. Read it after `lockRegisters`, as the readings. */
export async function listRulings(db: Db, registerIds: readonly number[]): Promise<StoredRuling[]> {
  const { rows } = await db.query<Row>({ name: "list-rulings", text: LIST, values: [registerIds] });
  return rows.map((row) => ({
    registerId: row.register_id,
    id: row.id,
    kind: row.kind,
    fromMs: row.from_ms,
    toMs: row.to_ms,
    closingIndex: row.closing_index,
    openingIndex: row.opening_index,
  }));
}

export type NewRuling = Omit<StoredRuling, "id"> & {
  readonly reason: string;
  readonly accountId: number;
  readonly atMs: number;
};

/** The same said twice is one ruling: its number. The days that it changes are stale by a trigger (migration 0007). */
export async function recordRuling(db: Db, ruling: NewRuling): Promise<{ id: number; isNew: boolean }> {
  await holdRegisters(db, [ruling.registerId]);
  const same = (await listRulings(db, [ruling.registerId])).find(
    (other) =>
      other.kind === ruling.kind &&
      other.fromMs === ruling.fromMs &&
      other.toMs === ruling.toMs &&
      isSameIndex(other.closingIndex, ruling.closingIndex) &&
      isSameIndex(other.openingIndex, ruling.openingIndex),
  );
  if (same !== undefined) return { id: same.id, isNew: false };
  const { rows } = await db.query<{ id: number }>(
    `insert into register_ruling
       (register_id, kind, from_at, to_at, closing_index, opening_index, reason, ruled_by, ruled_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     returning id`,
    [
      ruling.registerId,
      ruling.kind,
      new Date(ruling.fromMs),
      new Date(ruling.toMs),
      ruling.closingIndex,
      ruling.openingIndex,
      ruling.reason,
      ruling.accountId,
      new Date(ruling.atMs),
    ],
  );
  return { id: rows[0]?.id ?? 0, isNew: true };
}

export function isSameIndex(one: string | null, other: string | null): boolean {
  return one === other || (one !== null && other !== null && Number(one) === Number(other));
}

/** `"of_swap"`: a swap of two registers set it, and is taken back as a whole. */
export async function withdrawRuling(
  db: Db,
  registerId: number,
  rulingId: number,
  by: { readonly accountId: number; readonly atMs: number },
): Promise<"withdrawn" | "unknown" | "of_swap"> {
  await holdRegisters(db, [registerId]);
  const { rows } = await db.query<{ of_swap: boolean }>(
    `select exists (
       select 1
       from meter_swap s
       where s.old_register_id <> s.new_register_id
         and $2 in (s.closing_ruling_id, s.opening_ruling_id)
     ) as of_swap
     from register_ruling
     where register_id = $1
       and id = $2
       and withdrawn_at is null`,
    [registerId, rulingId],
  );
  const [found] = rows;
  if (found === undefined) return "unknown";
  if (found.of_swap) return "of_swap";
  await withdrawRulings(db, [rulingId], by);
  return "withdrawn";
}

export async function withdrawRulings(
  db: Db,
  rulingIds: readonly number[],
  { accountId, atMs }: { readonly accountId: number; readonly atMs: number },
): Promise<void> {
  await db.query(
    `update register_ruling
     set withdrawn_by = $2, withdrawn_at = $3
     where id = any ($1::integer[])
       and withdrawn_at is null`,
    [rulingIds, accountId, new Date(atMs)],
  );
}

export type RulingRecord = {
  readonly id: number;
  readonly kind: RegisterState;
  readonly fromAt: Date;
  readonly toAt: Date;
  readonly closingIndex: string | null;
  readonly openingIndex: string | null;
  readonly reason: string;
  /** The address of the account. */
  readonly ruledBy: string;
  readonly ruledAt: Date;
};

/** The register's rulings in force, as the viewer may see them; of one number, or all. */
export async function findRulings(
  db: Db,
  scope: Scope,
  registerId: number,
  rulingId?: number,
): Promise<RulingRecord[]> {
  return scoped<RulingRecord>(
    db,
    scope,
    `
    select
      u.id, u.kind, u.from_at as "fromAt", u.to_at as "toAt", u.closing_index::text as "closingIndex",
      u.opening_index::text as "openingIndex", u.reason, a.email as "ruledBy", u.ruled_at as "ruledAt"
    from register_ruling u
    join seen_register seen on seen.id = u.register_id
    join account a on a.id = u.ruled_by
    where u.register_id = $2
      and ($3::integer is null or u.id = $3)
      and u.withdrawn_at is null
    order by u.from_at, u.id`,
    [registerId, rulingId ?? null],
  );
}
