// Credentials: whose they are. The only queries without a scope, because they are what a scope is made from.
import type { Db } from "../pool.ts";
import { ACCOUNT_COLUMNS, type Account } from "./accounts.ts";
import type { Scope } from "./scope.ts";

export type Credential = {
  readonly account: Account;
  readonly via: "session" | "api-token";
  /** Of a session: what a browser must send beside its cookie. */
  readonly csrfToken: string | null;
  readonly expiresAt: Date | null;
};
type Row = Account & Omit<Credential, "account">;

/** The account behind a session or API token that is neither expired, revoked nor of a disabled account. */
export async function findCredential(
  db: Db,
  tokenHash: Buffer,
  nowMs: number,
): Promise<Credential | undefined> {
  const { rows } = await db.query<Row>({
    name: "find-credential",
    text: `
      with credential as (
        select account_id, 'session' as via, csrf_token, expires_at
        from session
        where token_hash = $1
          and expires_at > $2
        union all
        select account_id, 'api-token', null, expires_at
        from api_token
        where token_hash = $1
          and revoked_at is null
          and (expires_at is null or expires_at > $2)
      )
      select ${ACCOUNT_COLUMNS}, c.via, c.csrf_token as "csrfToken", c.expires_at as "expiresAt"
      from credential c
      join account a on a.id = c.account_id
      where a.disabled_at is null
        and a.password_hash is not null`,
    values: [tokenHash, new Date(nowMs)],
  });
  const [row] = rows;
  if (row === undefined) return undefined;
  const { via, csrfToken, expiresAt, ...account } = row;
  return { account, via, csrfToken, expiresAt };
}

/** For signing in: the password's hash of an active account. */
export async function findPasswordHash(
  db: Db,
  email: string,
): Promise<{ accountId: number; passwordHash: string } | undefined> {
  const { rows } = await db.query<{ accountId: number; passwordHash: string }>(
    `select id as "accountId", password_hash as "passwordHash"
     from account
     where email = lower($1)
       and disabled_at is null
       and password_hash is not null`,
    [email],
  );
  return rows[0];
}

/** Sessions of this account that have expired go at the same time. */
export async function createSession(
  db: Db,
  session: {
    tokenHash: Buffer;
    accountId: number;
    csrfToken: string;
    createdAtMs: number;
    expiresAtMs: number;
  },
): Promise<void> {
  await db.query("delete from session where account_id = $1 and expires_at <= $2", [
    session.accountId,
    new Date(session.createdAtMs),
  ]);
  await db.query(
    `insert into session (token_hash, account_id, csrf_token, created_at, expires_at)
     values ($1, $2, $3, $4, $5)`,
    [
      session.tokenHash,
      session.accountId,
      session.csrfToken,
      new Date(session.createdAtMs),
      new Date(session.expiresAtMs),
    ],
  );
}

export async function deleteSession(db: Db, tokenHash: Buffer): Promise<void> {
  await db.query("delete from session where token_hash = $1", [tokenHash]);
}

/** Ends every session of an account but one, and all its API tokens: after a change of password, or when it is disabled. */
export async function endOtherCredentials(
  db: Db,
  accountId: number,
  keep: Buffer | undefined,
): Promise<void> {
  await db.query("delete from session where account_id = $1 and token_hash is distinct from $2", [
    accountId,
    keep ?? null,
  ]);
  await db.query("update api_token set revoked_at = now() where account_id = $1 and revoked_at is null", [
    accountId,
  ]);
}

/** Sets the password of the account that was invited with this token, once. Returns the account. */
export async function acceptInvitation(
  db: Db,
  invitationHash: Buffer,
  passwordHash: string,
  nowMs: number,
): Promise<number | undefined> {
  const { rows } = await db.query<{ id: number }>(
    `update account
     set password_hash = $2, invitation_hash = null, invitation_expires_at = null
     where invitation_hash = $1
       and invitation_expires_at > $3
       and disabled_at is null
     returning id`,
    [invitationHash, passwordHash, new Date(nowMs)],
  );
  return rows[0]?.id;
}

export type ApiToken = {
  readonly id: number;
  readonly name: string;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly lastUsedAt: Date | null;
};
const TOKEN_COLUMNS = `
  id, name, created_at as "createdAt", expires_at as "expiresAt", last_used_at as "lastUsedAt"`;

/** The viewer's own tokens that were not revoked. */
export async function listApiTokens(db: Db, scope: Scope): Promise<ApiToken[]> {
  const { rows } = await db.query<ApiToken>(
    `select ${TOKEN_COLUMNS}
     from api_token
     where account_id = $1
       and revoked_at is null
     order by id`,
    [scope.accountId],
  );
  return rows;
}

export async function createApiToken(
  db: Db,
  scope: Scope,
  token: { name: string; tokenHash: Buffer; expiresAtMs: number | null },
): Promise<ApiToken> {
  const { rows } = await db.query<ApiToken>(
    `insert into api_token (account_id, name, token_hash, created_at, expires_at)
     values ($1, $2, $3, $4, $5)
     returning ${TOKEN_COLUMNS}`,
    [
      scope.accountId,
      token.name,
      token.tokenHash,
      new Date(scope.atMs),
      token.expiresAtMs === null ? null : new Date(token.expiresAtMs),
    ],
  );
  const [row] = rows;
  if (row === undefined) throw new Error("an API token was inserted but not returned");
  return row;
}

/** Whether there was such a token of the viewer's. */
export async function revokeApiToken(db: Db, scope: Scope, id: number): Promise<boolean> {
  const { rowCount } = await db.query(
    "update api_token set revoked_at = $3 where id = $1 and account_id = $2 and revoked_at is null",
    [id, scope.accountId, new Date(scope.atMs)],
  );
  return rowCount === 1;
}

/** Notes the use of an API token, at most once a minute. */
export async function touchApiToken(db: Db, tokenHash: Buffer, nowMs: number): Promise<void> {
  await db.query(
    `update api_token
     set last_used_at = $2
     where token_hash = $1
       and (last_used_at is null or last_used_at < $2::timestamptz - interval '1 minute')`,
    [tokenHash, new Date(nowMs)],
  );
}
