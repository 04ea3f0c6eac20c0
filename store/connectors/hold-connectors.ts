// Connectors as the processes see them: a holder says every second that it runs, takes what is free, and writes how it goes.
//
//   free ──take──▶ held ──release, or the holder's silence──▶ free
//     ▲              └──changed: another revision──▶ held        removed: gone from `heldConnectors`
//     └── new
import { inTransaction, sqlText, type Db, type Pool } from "../pool.ts";
import type { ConnectorKind, ConnectorState } from "./connectors.ts";

/** Of one connector that is held; another `clientId` is another session at the broker. */
export type HeldConnector = {
  readonly deviceId: number;
  readonly revision: number;
  readonly clientId: string;
};

export type ConnectorSettings = HeldConnector & {
  readonly kind: ConnectorKind;
  readonly url: string;
  readonly username: string;
  readonly passwordSealed: Buffer | null;
  readonly topics: readonly string[];
  readonly caPem: string | null;
};

export type ConnectorReport = {
  readonly deviceId: number;
  readonly revision: number;
  readonly state: Exclude<ConnectorState, "waiting">;
  readonly sinceMs: number;
  readonly nextAttemptAtMs: number | undefined;
  /** Absent: the one before stays the last one. */
  readonly error: { readonly code: string; readonly detail: string; readonly atMs: number } | undefined;
  readonly lastMessageAtMs: number | undefined;
  /** Since the last report. */
  readonly messages: number;
};

const TAKE = sqlText(import.meta.url, "./take-connectors.sql");
const REPORT = sqlText(import.meta.url, "./report-connectors.sql");

/** Says that `holder` runs, and does for `forMs` more. Nobody else takes what it holds in that time. */
export async function keepHolding(db: Db, holder: string, forMs: number): Promise<void> {
  await db.query(
    `insert into connector_holder (id, held_until)
     values ($1, now() + $2 * interval '1 millisecond')
     on conflict (id) do update
     set held_until = excluded.held_until`,
    [holder, forMs],
  );
}

/**
 * Takes up to `countMax` connectors that nobody holds. First forgets holders that have been silent for long, and the
 * connectors of devices that were removed, with their passwords.
 */
export async function takeConnectors(db: Db, holder: string, countMax: number): Promise<void> {
  await db.query("delete from connector_holder where held_until < now() - interval '1 hour'");
  await db.query(
    "delete from connector c using device d where d.id = c.device_id and d.removed_at is not null",
  );
  if (countMax > 0) await db.query(TAKE, [holder, countMax]);
}

/** All that `holder` holds now. */
export async function heldConnectors(db: Db, holder: string): Promise<HeldConnector[]> {
  const { rows } = await db.query<HeldConnector>(
    `select c.device_id as "deviceId", c.revision, c.client_id as "clientId"
     from connector_state s
     join connector c using (device_id)
     where s.holder = $1`,
    [holder],
  );
  return rows;
}

export async function loadConnectors(db: Db, deviceIds: readonly number[]): Promise<ConnectorSettings[]> {
  const { rows } = await db.query<ConnectorSettings>(
    `select
       device_id as "deviceId", revision, client_id as "clientId", kind, url, username,
       password_sealed as "passwordSealed", topics, ca_pem as "caPem"
     from connector
     where device_id = any($1::integer[])`,
    [deviceIds],
  );
  return rows;
}

/** Whether these are still somebody's, under the same session: then it must be left as it is. */
export async function connectorsThatGoOn(db: Db, of: readonly HeldConnector[]): Promise<Set<number>> {
  const { rows } = await db.query<{ id: number }>(
    `select c.device_id as id
     from connector c
     join unnest($1::integer[], $2::text[]) as asked (device_id, client_id)
       on asked.device_id = c.device_id and asked.client_id = c.client_id`,
    [of.map(({ deviceId }) => deviceId), of.map(({ clientId }) => clientId)],
  );
  return new Set(rows.map(({ id }) => id));
}

export async function reportConnectors(
  db: Db,
  holder: string,
  reports: readonly ConnectorReport[],
): Promise<void> {
  const records = reports.map((report) => ({
    device_id: report.deviceId,
    revision: report.revision,
    state: report.state,
    since_ms: report.sinceMs,
    next_attempt_at_ms: report.nextAttemptAtMs ?? null,
    error_code: report.error?.code ?? null,
    error_detail: report.error?.detail ?? null,
    error_at_ms: report.error?.atMs ?? null,
    last_message_at_ms: report.lastMessageAtMs ?? null,
    messages: report.messages,
  }));
  await db.query({ name: "report-connectors", text: REPORT, values: [holder, JSON.stringify(records)] });
}

/** Seals a password anew, where nobody has set up another one meanwhile. */
export async function resealConnector(
  db: Db,
  deviceId: number,
  before: Buffer,
  sealed: Buffer,
): Promise<void> {
  await db.query("update connector set password_sealed = $3 where device_id = $1 and password_sealed = $2", [
    deviceId,
    before,
    sealed,
  ]);
}

/** The holder ends: what it held is free at once. */
export async function releaseConnectors(pool: Pool, holder: string): Promise<void> {
  await inTransaction(pool, async (client) => {
    await client.query("update connector_state set holder = null where holder = $1", [holder]);
    await client.query("delete from connector_holder where id = $1", [holder]);
  });
}
