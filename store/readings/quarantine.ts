// Messages that could not be used, kept byte for byte with their reason; and what becomes of those that are read again.
import type { Rejection } from "#devices/reading";
import { sqlText, type PoolClient } from "../pool.ts";

/** A message as it came, with what is needed to decode it again. */
export type RawMessage = {
  readonly device: { readonly id: number; readonly profile: string };
  readonly clientId: Buffer | string;
  /** Without the device's mount. */
  readonly topic: string;
  readonly payload: Buffer;
  readonly retained: boolean;
  readonly receivedAtMs: number;
  /** Its number in the process that took it in. */
  readonly trace?: number;
  /** Of a device that speaks through `device` and that nobody has claimed: its name there, and as which it was recognised. */
  readonly unclaimed?: { readonly externalId: string; readonly profile: string | null };
  /** The quarantine row out of which it is read again: that row is settled, no second one is written. */
  readonly replayOf?: number;
};

/** In the place of a device's, where the message names none that is known. */
export const NO_DEVICE_ID = 0;

export type QuarantineRow = {
  readonly message: RawMessage;
  readonly rejection: Rejection;
  /** Leaves the device out: the store does not know it. */
  readonly anonymous: boolean;
  /** Under which logs name the message. */
  readonly traceId: string | undefined;
};

const WRITE = sqlText(import.meta.url, "./write-quarantine.sql");
const REFUSE_AGAIN = sqlText(import.meta.url, "./refuse-again.sql");
const SETTLE = sqlText(import.meta.url, "./settle-replays.sql");

export async function writeQuarantine(client: PoolClient, rows: readonly QuarantineRow[]): Promise<void> {
  if (rows.length === 0) return;
  const again = rows.filter(({ message }) => message.replayOf !== undefined);
  if (again.length > 0) await refuseAgain(client, again);
  if (again.length < rows.length) await writeNew(client, again.length === 0 ? rows : rows.filter(isNew));
}

/**
 * Before a transaction changes rows of quarantine: first the devices whose they become, then the rows, each in one order.
 * A claim, a removal and another attempt take them in the same order and wait, instead of deadlocking.
 */
export async function lockReplays(client: PoolClient, messages: readonly RawMessage[]): Promise<void> {
  const again = messages.filter(({ replayOf }) => replayOf !== undefined);
  await client.query("select 1 from device where id = any($1::integer[]) order by id for key share", [
    [...new Set(again.map(({ device }) => device.id))],
  ]);
  await client.query("select 1 from quarantine where id = any($1::bigint[]) order by id for update", [
    again.map(({ replayOf }) => replayOf),
  ]);
}

type Settling = {
  readonly messages: readonly RawMessage[];
  readonly rejections: readonly (Rejection | undefined)[];
};

/** Those of the messages `[from, to)` that were read again, and of which nothing was refused. */
export function readAgain({ messages, rejections }: Settling, from: number, to: number): RawMessage[] {
  return messages
    .slice(from, to)
    .filter(({ replayOf }, index) => replayOf !== undefined && rejections[from + index] === undefined);
}

/** They are out of quarantine. */
export async function settleReplays(
  client: PoolClient,
  { messages, rejections }: Settling,
  from: number,
  to: number,
): Promise<void> {
  const settled = readAgain({ messages, rejections }, from, to);
  if (settled.length === 0) return;
  await client.query(SETTLE, [
    settled.map(({ replayOf }) => replayOf),
    settled.map(({ device }) => device.id),
  ]);
}

function isNew({ message }: QuarantineRow): boolean {
  return message.replayOf === undefined;
}

async function refuseAgain(client: PoolClient, rows: readonly QuarantineRow[]): Promise<void> {
  const kept = rows.map(keptMessage);
  await client.query(REFUSE_AGAIN, [
    rows.map(({ message }) => message.replayOf),
    kept.map(({ deviceId }) => deviceId),
    kept.map(({ externalId }) => externalId),
    kept.map(({ profile }) => profile),
    kept.map(({ reason }) => reason),
    kept.map(({ detail }) => detail),
  ]);
}

async function writeNew(client: PoolClient, rows: readonly QuarantineRow[]): Promise<void> {
  const kept = rows.map(keptMessage);
  await client.query({
    name: "write-quarantine",
    text: WRITE,
    values: [
      kept.map(({ deviceId }) => deviceId),
      kept.map(({ receivedAtMs }) => new Date(receivedAtMs)),
      kept.map(({ clientId }) => clientId),
      kept.map(({ topic }) => topic),
      kept.map(({ payload }) => payload),
      kept.map(({ retained }) => retained),
      kept.map(({ profile }) => profile),
      kept.map(({ reason }) => reason),
      kept.map(({ detail }) => detail),
      kept.map((row) => row.traceId),
      kept.map(({ externalId }) => externalId),
    ],
  });
}

/** A row of quarantine as it is written. */
export type KeptMessage = ReturnType<typeof keptMessage>;

export function keptMessage(row: QuarantineRow) {
  const { message, rejection } = row;
  return {
    deviceId: deviceIdOf(row),
    receivedAtMs: message.receivedAtMs,
    clientId: bytes(message.clientId),
    topic: bytes(message.topic),
    payload: message.payload,
    retained: message.retained,
    profile: profileOf(message),
    reason: rejection.reason,
    detail: storableText(rejection.detail),
    traceId: row.traceId ?? null,
    externalId: externalIdOf(message),
  };
}

function deviceIdOf({ message, anonymous }: QuarantineRow): number | null {
  return anonymous || message.device.id === NO_DEVICE_ID ? null : message.device.id;
}

function profileOf({ device, unclaimed }: RawMessage): string | null {
  if (device.id === NO_DEVICE_ID) return null;
  if (unclaimed !== undefined && unclaimed.profile === null) return null;
  return storableText(unclaimed?.profile ?? device.profile);
}

function externalIdOf({ unclaimed }: RawMessage): string | null {
  return unclaimed === undefined ? null : storableText(unclaimed.externalId);
}

/** Topic and client id may hold NUL, which no text column takes: they are kept as bytes. */
function bytes(text: Buffer | string): Buffer {
  return typeof text === "string" ? Buffer.from(text) : text;
}

/** A detail may quote the payload: NUL and lone surrogates, which PostgreSQL refuses in text, are shown as U+FFFD. */
function storableText(text: string): string {
  return text.toWellFormed().replaceAll("\0", "\u{fffd}");
}
