// How a device proves who it is: its secrets are added, rotated and revoked, with everything that its certificates prove.
import type { Db } from "../pool.ts";
import { scoped, type Scope } from "./scope.ts";

export type Rotation = "rotated" | "unknown" | "behind_gateway";

/**
 * Adds a secret; those before it are accepted for `overlapS` seconds more. Without an overlap they end at once, and with
 * them every certificate that was issued before. `behind_gateway`: such a device does not connect, its gateway does.
 * Within the caller's transaction.
 */
export async function rotateCredential(
  db: Db,
  scope: Scope,
  deviceId: number,
  { secretHash, overlapS }: { readonly secretHash: Buffer; readonly overlapS: number },
): Promise<Rotation> {
  if (!(await lockDevice(db, scope, deviceId))) return "unknown";
  const { rows } = await db.query<{ connects: boolean }>(
    `select parent_id is null as connects from device where id = $1`,
    [deviceId],
  );
  if (rows[0]?.connects !== true) return "behind_gateway";
  if (overlapS === 0) await revokeAll(db, deviceId, scope.atMs);
  else await endCredentials(db, deviceId, scope.atMs + overlapS * 1000);
  await addCredential(db, deviceId, secretHash, scope.atMs);
  return "rotated";
}

/** No secret and no certificate of the device is accepted any more, until it gets another. Within the caller's transaction. */
export async function revokeAccess(db: Db, scope: Scope, deviceId: number): Promise<boolean> {
  if (!(await lockDevice(db, scope, deviceId))) return false;
  await revokeAll(db, deviceId, scope.atMs);
  return true;
}

/** Two changes of one device follow each other. False when the viewer does not see it. */
export async function lockDevice(db: Db, scope: Scope, deviceId: number): Promise<boolean> {
  await db.query("select 1 from device where id = $1 for update", [deviceId]);
  const rows = await scoped(db, scope, "\nselect id from seen_device where id = $2", [deviceId]);
  return rows.length === 1;
}

/** `secretHash`: SHA-256 of the secret. Accepted from `atMs` on beside those that there are. For no viewer: the caller has asked. */
export async function addCredential(
  db: Db,
  deviceId: number,
  secretHash: Buffer,
  atMs: number,
): Promise<void> {
  await db.query("insert into device_credential (device_id, secret_hash, created_at) values ($1, $2, $3)", [
    deviceId,
    secretHash,
    new Date(atMs),
  ]);
}

/** No secret of the device is accepted from `atMs` on; its certificates are. For no viewer: the caller has asked. */
export async function revokeCredentials(db: Db, deviceId: number, atMs: number): Promise<void> {
  await db.query("update device_credential set revoked_at = $2 where device_id = $1 and revoked_at is null", [
    deviceId,
    new Date(atMs),
  ]);
}

async function revokeAll(db: Db, deviceId: number, atMs: number): Promise<void> {
  await revokeCredentials(db, deviceId, atMs);
  await db.query("update device set certificates_from = $2 where id = $1", [deviceId, new Date(atMs)]);
}

/** None lasts longer than it already would. */
async function endCredentials(db: Db, deviceId: number, endsAtMs: number): Promise<void> {
  await db.query(
    `update device_credential
     set expires_at = $2
     where device_id = $1
       and revoked_at is null
       and (expires_at is null or expires_at > $2)`,
    [deviceId, new Date(endsAtMs)],
  );
}
