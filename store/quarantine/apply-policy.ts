// Deletes from quarantine what its policy says, in small transactions, each of which counts what it deleted.
import { utcDay } from "#devices/time";
import { sqlText, type Pool } from "../pool.ts";
import { QUARANTINE_POLICY, type QuarantineQuota } from "./quarantine-policy.ts";

export type PolicyDeletions = {
  readonly expired: Deleted;
  readonly overQuota: Deleted;
};
type Deleted = { readonly messages: number; readonly bytes: number };

export type QuarantinePolicy = {
  readonly expiresAfterMs: number;
  readonly sender: QuarantineQuota;
  readonly device: QuarantineQuota;
};

const DELETE_COUNTED = sqlText(import.meta.url, "./delete-counted.sql");
const EXPIRE = `${sqlText(import.meta.url, "./expire.sql")}${DELETE_COUNTED}`;
const TRIM = `${sqlText(import.meta.url, "./trim.sql")}${DELETE_COUNTED}`;
/** Rows per transaction: a message that is written meanwhile never waits for long. */
const ROWS_AT_ONCE = 5000;

/**
 * Quotas are looked at for devices of which something was received since `activeSinceMs`: nobody else's grew. Safe in
 * several processes at once, and repeatable: rows that another one has in hand are passed over.
 */
export async function applyQuarantinePolicy(
  pool: Pool,
  { nowMs, activeSinceMs }: { readonly nowMs: number; readonly activeSinceMs: number },
  policy: QuarantinePolicy = QUARANTINE_POLICY,
): Promise<PolicyDeletions> {
  const day = utcDay(nowMs);
  const expiredBefore = new Date(nowMs - policy.expiresAfterMs);
  const expired = await untilDone(pool, EXPIRE, ["quarantine_expiry", day, expiredBefore, ROWS_AT_ONCE]);
  const since = new Date(activeSinceMs);
  const trimmed = [];
  // Senders first: one of them over its own quota must not cost the others of its gateway anything.
  for (const [bySender, quota] of [
    [true, policy.sender],
    [false, policy.device],
  ] as const) {
    const { messagesMax, bytesMax } = quota;
    const over = [bySender, messagesMax, bytesMax, ROWS_AT_ONCE, since];
    trimmed.push(await untilDone(pool, TRIM, ["quarantine_quota", day, ...over]));
  }
  return { expired, overQuota: trimmed.reduce(plus, { messages: 0, bytes: 0 }) };
}

async function untilDone(pool: Pool, text: string, values: readonly unknown[]): Promise<Deleted> {
  let deleted: Deleted = { messages: 0, bytes: 0 };
  for (;;) {
    const { rows } = await pool.query<{ rows: number; bytes: number }>(text, [...values]);
    const { rows: messages, bytes } = rows[0] ?? { rows: 0, bytes: 0 };
    deleted = plus(deleted, { messages, bytes });
    if (messages < ROWS_AT_ONCE) return deleted;
  }
}

function plus(a: Deleted, b: Deleted): Deleted {
  return { messages: a.messages + b.messages, bytes: a.bytes + b.bytes };
}
