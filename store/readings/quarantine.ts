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

/** Those of the messages `[from, to)` that were read again, and of which nothing was refused, are out of quarantine. */
export async function settleReplays(
  client: PoolClient,
  { messages, rejections }: Settling,
  from: number,
  to: number,
): Promise<void> {
  const settled = messages
    .slice(from, to)
    .filter(({ replayOf }, index) => replayOf !== undefined && rejections[from + index] === undefined);
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
  await client.query(REFUSE_AGAIN, [
    rows.map(({ message }) => message.replayOf),
    rows.map(deviceIdOf),
    rows.map(({ message }) => externalIdOf(message)),
    rows.map(({ message }) => profileOf(message)),
    rows.map(({ rejection }) => rejection.reason),
    rows.map(({ rejection }) => storableText(rejection.detail)),
  ]);
}

async function writeNew(client: PoolClient, rows: readonly QuarantineRow[]): Promise<void> {
  await client.query({
    name: "write-quarantine",
    text: WRITE,
    values: [
      rows.map(deviceIdOf),
      rows.map(({ message }) => new Date(message.receivedAtMs)),
      rows.map(({ message }) => bytes(message.clientId)),
      rows.map(({ message }) => bytes(message.topic)),
      rows.map(({ message }) => message.payload),
      rows.map(({ message }) => message.retained),
      rows.map(({ message }) => profileOf(message)),
      rows.map(({ rejection }) => rejection.reason),
      rows.map(({ rejection }) => storableText(rejection.detail)),
      rows.map((row) => row.traceId ?? null),
      rows.map(({ message }) => externalIdOf(message)),
    ],
  });
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
