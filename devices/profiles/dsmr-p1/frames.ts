// Telegrams in a payload: where each starts and ends, and whether its checksum holds.
//
//   outside ──"/" + letter──▶ inside ──"!" [CRC] end of line──▶ whole, unchecked or damaged ──▶ outside
//                               ├──"/" at a line's start──▶ truncated, and a new one begins
//                               └──end of the payload─────▶ truncated
import type { Rejection } from "#devices/reading";
import { quoted } from "#devices/quote";
import { crc16 } from "./crc16.ts";

/** One telegram: `payload[from, to)` runs from `/` up to and without `!`. */
export type Frame = {
  readonly from: number;
  readonly to: number;
  /** False where the telegram carries none: DSMR 2.2 and 3, EasyMeter. */
  readonly checked: boolean;
};

type Frames = { readonly frames: readonly Frame[]; readonly rejections: readonly Rejection[] };

const SLASH = 0x2f;
const BANG = 0x21;
const LF = 0x0a;
const CR = 0x0d;
/** One message cannot fill the quarantine's detail: the rest is counted. */
const REJECTIONS_MAX = 16;

/** Every telegram of the payload, in one pass over its bytes. Whatever stands between telegrams is left alone. */
export function framesOf(payload: Uint8Array): Frames {
  const frames: Frame[] = [];
  const rejections: Rejection[] = [];
  let refused = 0;
  const refuse = (rejection: Rejection): void => {
    refused++;
    if (rejections.length < REJECTIONS_MAX) rejections.push(rejection);
  };
  let at = 0;
  let bang = indexFrom(payload, BANG, 0);
  while (at < payload.length) {
    const from = startOf(payload, at);
    const stray = orphanEnd(payload, at, from);
    if (stray !== undefined) refuse(stray);
    if (from === payload.length) break;
    if (bang < from) bang = indexFrom(payload, BANG, from);
    const to = endOf(payload, from, bang);
    if (payload[to] !== BANG) {
      refuse(malformed(`A telegram breaks off after ${to - from} bytes: ${header(payload, from)}.`));
      at = to;
      continue;
    }
    const next = lineEnd(payload, to + 1);
    const verdict = checked(payload, from, to, next);
    if (typeof verdict === "boolean") frames.push({ from, to, checked: verdict });
    else refuse(verdict);
    at = next;
  }
  if (frames.length === 0 && refused === 0) {
    refuse(malformed(`There is no telegram in these ${payload.length} bytes.`));
  }
  if (refused > REJECTIONS_MAX) {
    rejections.push(malformed(`${refused - REJECTIONS_MAX} more telegrams could not be used.`));
  }
  return { frames, rejections };
}

/** The next `/` that a letter follows, or the payload's length. */
function startOf(payload: Uint8Array, from: number): number {
  let at = indexFrom(payload, SLASH, from);
  while (at < payload.length && !isLetter(payload[at + 1])) at = indexFrom(payload, SLASH, at + 1);
  return at;
}

/** The `!` of the telegram, or the place where it breaks off: the next telegram, or the payload's end. */
function endOf(payload: Uint8Array, from: number, bang: number): number {
  let at = indexFrom(payload, SLASH, from + 1);
  while (at < bang) {
    if (isLineBreak(payload[at - 1]) && isLetter(payload[at + 1])) return at;
    at = indexFrom(payload, SLASH, at + 1);
  }
  return bang;
}

function indexFrom(payload: Uint8Array, byte: number, from: number): number {
  const at = payload.indexOf(byte, from);
  return at < 0 ? payload.length : at;
}

/** A line that starts with `!` outside of any telegram: the beginning is missing. */
function orphanEnd(payload: Uint8Array, from: number, to: number): Rejection | undefined {
  for (let at = from; at < to; at++) {
    if (payload[at] === BANG && isLineBreak(payload[at - 1])) {
      return malformed(`The end of a telegram stands at byte ${at} without its beginning.`);
    }
  }
  return undefined;
}

function lineEnd(payload: Uint8Array, from: number): number {
  let at = from;
  while (at < payload.length && !isLineBreak(payload[at]) && payload[at] !== SLASH && payload[at] !== 0) at++;
  return at;
}

/** Whether the telegram carries a checksum that holds; a wrong one is a rejection. The CRC may lack leading zeros. */
function checked(payload: Uint8Array, from: number, bang: number, end: number): boolean | Rejection {
  const text = latin1(payload, bang + 1, Math.min(end, bang + 41)).trim();
  if (text === "") return false;
  if (!/^[0-9a-f]{1,4}$/i.test(text)) {
    return malformed(`A telegram ends in ${quoted(text)} instead of a checksum: ${header(payload, from)}.`);
  }
  const said = Number.parseInt(text, 16);
  const counted = crc16(payload, from, bang + 1);
  if (said === counted || said === crcWithCarriageReturns(payload, from, bang + 1)) return true;
  return {
    reason: "checksum_wrong",
    detail: `The checksum is ${hex(counted)}, the telegram says ${text}: ${header(payload, from)}.`,
  };
}

/** A gateway may have turned CRLF into LF after the meter had counted: the CRC with the carriage returns put back. */
function crcWithCarriageReturns(payload: Uint8Array, from: number, to: number): number | undefined {
  const telegram = payload.subarray(from, to);
  if (telegram.includes(CR)) return undefined;
  let crc = 0;
  let at = 0;
  while (at < telegram.length) {
    const lf = telegram.indexOf(LF, at);
    const end = lf < 0 ? telegram.length : lf;
    crc = crc16(telegram, at, end, crc);
    if (end < telegram.length) crc = crc16(CRLF, 0, 2, crc);
    at = end + 1;
  }
  return crc;
}

const CRLF = Uint8Array.of(CR, LF);

/** The meter's own first line, to tell which telegram is meant. */
function header(payload: Uint8Array, from: number): string {
  const end = Math.min(lineEnd(payload, from + 1), from + 60);
  return quoted(latin1(payload, from, end));
}

export function latin1(payload: Uint8Array, from: number, to: number): string {
  return Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString("latin1", from, to);
}

function malformed(detail: string): Rejection {
  return { reason: "reading_malformed", detail };
}

function hex(crc: number): string {
  return crc.toString(16).toUpperCase().padStart(4, "0");
}

function isLetter(byte: number | undefined): boolean {
  return byte !== undefined && (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;
}

function isLineBreak(byte: number | undefined): boolean {
  return byte === LF || byte === CR;
}
