// Takes messages out of quarantine to read them again: for a while, so that nothing is stuck with who died over it.
import { sqlText, type Db } from "../pool.ts";
import type { DeviceContext } from "../readings/index.ts";

export type ReplayMessage = {
  readonly id: number;
  /** As it is registered today. */
  readonly device: DeviceContext;
  readonly clientId: Buffer;
  readonly topic: Buffer;
  readonly payload: Buffer;
  readonly retained: boolean;
  readonly receivedAtMs: number;
};

export type ClaimedReplays = {
  /** In the order in which they came in. */
  readonly messages: readonly ReplayMessage[];
  /** There was nothing else to take. */
  readonly last: boolean;
};

type Row = Omit<ReplayMessage, "device" | "receivedAtMs"> & {
  readonly device: DeviceContext | null;
  readonly receivedAt: Date;
};

const MESSAGES = sqlText(import.meta.url, "./claimed-messages.sql");
const CLAIM_MANY = `${sqlText(import.meta.url, "./claim-replays.sql")}${MESSAGES}`;
const CLAIM_ONE = `${sqlText(import.meta.url, "./claim-replay.sql")}${MESSAGES}`;

/** Read again in far less, or its process is gone: then another one takes it. Twice is harmless. */
const LEASE_S = 60;

/** The next messages that somebody asked to read again; several processes get different ones. */
export async function claimReplays(
  db: Db,
  bounds: { readonly messagesMax: number; readonly bytesMax: number; readonly leaseS?: number },
): Promise<ClaimedReplays> {
  const { messagesMax, bytesMax, leaseS = LEASE_S } = bounds;
  const { rows } = await db.query<Row>(CLAIM_MANY, [messagesMax, bytesMax, leaseS]);
  return { messages: rows.flatMap(messageOf), last: rows.length === 0 };
}

/** One message, whether or not it was asked for; `undefined` if it was read again already, or its device is gone. */
export async function claimReplay(db: Db, id: number): Promise<ReplayMessage | undefined> {
  const { rows } = await db.query<Row>(CLAIM_ONE, [id, LEASE_S]);
  return rows.flatMap(messageOf)[0];
}

function messageOf({ device, receivedAt, ...row }: Row): ReplayMessage[] {
  return device === null ? [] : [{ ...row, device, receivedAtMs: receivedAt.getTime() }];
}
