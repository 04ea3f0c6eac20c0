// The people who sign in.
import type { Role } from "#devices/vocabulary";
import type { Db } from "../pool.ts";
import { pageOf, scoped, type Page, type PageRequest, type Scope } from "./scope.ts";

export type Locale = "fr" | "nl" | "en";
export type Account = {
  readonly id: number;
  readonly organisationId: number;
  readonly unitId: number | null;
  readonly email: string;
  readonly role: Role;
  readonly locale: Locale;
  readonly buildingIds: readonly number[];
  readonly state: "active" | "invited" | "disabled";
  readonly createdAt: Date;
};
export type AccountInput = Pick<
  Account,
  "organisationId" | "unitId" | "email" | "role" | "locale" | "buildingIds"
> & {
  readonly passwordHash: string | null;
  readonly invitation: { readonly hash: Buffer; readonly expiresAtMs: number } | null;
};

/** An account's columns, for the queries of this folder; the table's alias is `a`. */
export const ACCOUNT_COLUMNS = `
  a.id, a.organisation_id as "organisationId", a.unit_id as "unitId", a.email, a.role, a.locale,
  array(select ab.building_id from account_building ab where ab.account_id = a.id order by 1) as "buildingIds",
  case when a.disabled_at is not null then 'disabled' when a.password_hash is null then 'invited' else 'active' end
    as state,
  a.created_at as "createdAt"`;

export async function listAccounts(db: Db, scope: Scope, page: PageRequest): Promise<Page<Account>> {
  const rows = await scoped<Account>(
    db,
    scope,
    `
    select ${ACCOUNT_COLUMNS}
    from account a
    join seen_account using (id)
    where a.id > $2
    order by a.id
    limit $3`,
    [page.after, page.limit + 1],
  );
  return pageOf(rows, page.limit);
}

export async function findAccount(db: Db, scope: Scope, id: number): Promise<Account | undefined> {
  const [row] = await scoped<Account>(
    db,
    scope,
    `
    select ${ACCOUNT_COLUMNS}
    from account a
    join seen_account using (id)
    where a.id = $2`,
    [id],
  );
  return row;
}

/** Whether the viewer may attach an account to these: every one of them must be seen. */
export async function seesAll(
  db: Db,
  scope: Scope,
  what: { organisationId: number; buildingIds: readonly number[]; unitId: number | null },
): Promise<boolean> {
  const [row] = await scoped<{ all: boolean }>(
    db,
    scope,
    `
    select
      exists (select 1 from seen_organisation where id = $2)
      and not exists (
        select 1
        from unnest($3::integer[]) wanted (id)
        where not exists (select 1 from seen_building b where b.id = wanted.id)
      )
      and (
        $4::integer is null
        or exists (select 1 from unit u join seen_building b on b.id = u.building_id where u.id = $4)
      ) as all`,
    [what.organisationId, what.buildingIds, what.unitId],
  );
  return row?.all === true;
}

/** The caller has checked with `seesAll`; within the caller's transaction. */
export async function createAccount(db: Db, scope: Scope, account: AccountInput): Promise<number> {
  const [row] = await scoped<{ id: number }>(
    db,
    scope,
    `
    insert into account
      (organisation_id, unit_id, email, role, locale, password_hash, invitation_hash, invitation_expires_at, created_at)
    select o.id, $3::integer, lower($4), $5, $6, $7, $8::bytea, $9::timestamptz, v.at
    from seen_organisation o
    cross join viewer v
    where o.id = $2
    returning id`,
    [
      account.organisationId,
      account.unitId,
      account.email,
      account.role,
      account.locale,
      account.passwordHash,
      account.invitation?.hash ?? null,
      account.invitation === null ? null : new Date(account.invitation.expiresAtMs),
    ],
  );
  if (row === undefined) throw new Error("the organisation of a new account was not checked before");
  await setAccountBuildings(db, row.id, account.buildingIds);
  return row.id;
}

export type AccountChange = {
  readonly organisationId: number;
  readonly unitId: number | null;
  readonly role: Role;
  readonly locale: Locale;
  readonly buildingIds: readonly number[];
  /** `undefined` leaves the password. */
  readonly passwordHash: string | undefined;
  readonly disabled: boolean;
};

/** Writes the account anew; an administrator is never taken away from a database that has no other. */
export async function updateAccount(
  db: Db,
  scope: Scope,
  id: number,
  change: AccountChange,
): Promise<"changed" | "last_administrator" | "unknown"> {
  // Two changes at once must not each take the other's administrator for the one that remains.
  await db.query("lock table account in share row exclusive mode");
  const [row] = await scoped<{ seen: boolean; lastAdministrator: boolean }>(
    db,
    scope,
    `
    select
      exists (select 1 from seen_account where id = $2) as seen,
      exists (select 1 from account where id = $2 and role = 'admin' and disabled_at is null)
        and not exists (
          select 1
          from account
          where id <> $2
            and role = 'admin'
            and disabled_at is null
            and password_hash is not null
        ) as "lastAdministrator"`,
    [id],
  );
  if (row?.seen !== true) return "unknown";
  if (row.lastAdministrator && (change.role !== "admin" || change.disabled)) return "last_administrator";
  await db.query(
    `update account
     set organisation_id = $2, unit_id = $3, role = $4, locale = $5, password_hash = coalesce($6, password_hash),
       disabled_at = case when $7 then coalesce(disabled_at, $8) end
     where id = $1`,
    [
      id,
      change.organisationId,
      change.unitId,
      change.role,
      change.locale,
      change.passwordHash ?? null,
      change.disabled,
      new Date(scope.atMs),
    ],
  );
  await setAccountBuildings(db, id, change.buildingIds);
  return "changed";
}

async function setAccountBuildings(db: Db, accountId: number, buildingIds: readonly number[]): Promise<void> {
  await db.query("delete from account_building where account_id = $1 and building_id <> all($2::integer[])", [
    accountId,
    buildingIds,
  ]);
  await db.query(
    `insert into account_building (account_id, building_id)
     select distinct $1::integer, id
     from unnest($2::integer[]) wanted (id)
     on conflict do nothing`,
    [accountId, buildingIds],
  );
}
