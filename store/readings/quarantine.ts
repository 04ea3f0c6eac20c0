// Messages that could not be used, kept byte for byte with their reason.
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
};

export type QuarantineRow = {
  readonly message: RawMessage;
  readonly rejection: Rejection;
  /** Leaves the device out: the store does not know it. */
  readonly anonymous: boolean;
};

const WRITE = sqlText(import.meta.url, "./write-quarantine.sql");

export async function writeQuarantine(client: PoolClient, rows: readonly QuarantineRow[]): Promise<void> {
  if (rows.length === 0) return;
  await client.query({
    name: "write-quarantine",
    text: WRITE,
    values: [
      rows.map(({ message, anonymous }) => (anonymous ? null : message.device.id)),
      rows.map(({ message }) => new Date(message.receivedAtMs)),
      rows.map(({ message }) => bytes(message.clientId)),
      rows.map(({ message }) => bytes(message.topic)),
      rows.map(({ message }) => message.payload),
      rows.map(({ message }) => message.retained),
      rows.map(({ message }) => storableText(message.device.profile)),
      rows.map(({ rejection }) => rejection.reason),
      rows.map(({ rejection }) => storableText(rejection.detail)),
    ],
  });
}

/** Topic and client id may hold NUL, which no text column takes: they are kept as bytes. */
function bytes(text: Buffer | string): Buffer {
  return typeof text === "string" ? Buffer.from(text) : text;
}

/** A detail may quote the payload: NUL and lone surrogates, which PostgreSQL refuses in text, are shown as U+FFFD. */
function storableText(text: string): string {
  return text.toWellFormed().replaceAll("\0", "\u{fffd}");
}
