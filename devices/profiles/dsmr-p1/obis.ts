// OBIS codes of P1: what each line of a telegram is, from its code alone.
//
//   A-B:C.D.E   A medium (0 none, 1 electricity), B channel (0 the meter itself, 1… an M-Bus meter behind it),
//               C quantity (1 active import, 2 active export, 3…8 reactive, 32 voltage L1…), D kind (7 now, 8 index, 6 maximum),
//               E tariff. A suffix *255 is dropped. IEC 62056-61, DSMR 5.0.2 P1 §6.12, eMUCS-P1 1.7.1.
import type { Direction } from "#devices/vocabulary";
import { detached } from "./detached.ts";

/** What a line is for. Channel 0 is the meter itself. */
export type Line =
  | { readonly is: "time" }
  | { readonly is: "version" }
  | { readonly is: "equipment-id"; readonly channel: number; readonly rank: number }
  | { readonly is: "channel-type"; readonly channel: number }
  | { readonly is: "channel-reading"; readonly channel: number; readonly obis: Obis }
  | { readonly is: "channel-reading-v2"; readonly channel: number; readonly obis: Obis }
  | { readonly is: "peak-history"; readonly obis: Obis }
  | { readonly is: "tariff"; readonly obis: Obis }
  | { readonly is: "measurement"; readonly obis: Obis }
  | { readonly is: "ignored" }
  | { readonly is: "unreadable" };

export type Obis = {
  /** Canonical, as the register is called: `1-0:1.8.1`. */
  readonly name: string;
  readonly medium: number;
  readonly channel: number;
  readonly c: number;
  readonly d: number;
  readonly e: number;
};

const OBIS = /^(\d{1,3})-(\d{1,3}):(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:\*\d{1,3})?$/;

/**
 * Lines that are no readings although some carry a number with a unit: thresholds, switches, texts, counters, logs. By C.D.E,
 * or by C.D for all E. Everything else that has a unit becomes a register; what has neither unit nor rule says nothing.
 */
const NOT_READINGS: ReadonlySet<string> = new Set([
  "0.2.8", // version of the P1 specification (NL)
  "96.1.4", // version of the P1 specification (BE)
  "96.1.2", // EAN-GSRN of the connection: the supply point knows its own
  "17.0.0", // limiter threshold, kW or A
  "31.4.0", // fuse supervision threshold, A
  "51.4.0",
  "71.4.0",
  "96.3.10", // breaker state
  "96.4", // threshold and relay states
  "96.5", // status words
  "24.4.0", // valve or switch state of an M-Bus meter
  "96.7", // counters of power failures
  "99.97", // log of long power failures, s
  "32.32", // voltage sags
  "52.32",
  "72.32",
  "32.36", // voltage swells
  "52.36",
  "72.36",
  "96.13", // text messages
]);

/** Where a meter may write its serial number, best first; the first that is not empty counts. */
const EQUIPMENT_IDS = ["96.1.1", "96.1.0", "96.1.255", "42.0.0", "0.0.0"];

const known = new Map<string, Line>();
const KNOWN_MAX = 4096;

/** What a line with this code is. Codes repeat in every telegram, so the answer is remembered. */
export function lineOf(code: string): Line {
  const line = known.get(code);
  if (line !== undefined) return line;
  const fresh = classify(code);
  if (fresh.is === "unreadable") return fresh;
  if (known.size >= KNOWN_MAX) known.clear();
  known.set(detached(code), fresh);
  return fresh;
}

function classify(code: string): Line {
  const match = OBIS.exec(code);
  if (match === null) return { is: "unreadable" };
  const [medium = 0, channel = 0, c = 0, d = 0, e = 0] = match.slice(1, 6).map(Number);
  const obis: Obis = { name: `${medium}-${channel}:${c}.${d}.${e}`, medium, channel, c, d, e };
  const code3 = `${c}.${d}.${e}`;
  if (obis.name === "0-0:1.0.0") return { is: "time" };
  if (code3 === "0.2.8" || obis.name === "0-0:96.1.4") return { is: "version" };
  const idRank = EQUIPMENT_IDS.indexOf(code3);
  if (idRank >= 0 && medium <= 1) {
    return { is: "equipment-id", channel: medium === 0 ? channel : 0, rank: idRank };
  }
  if (NOT_READINGS.has(code3) || NOT_READINGS.has(`${c}.${d}`)) return { is: "ignored" };
  if (medium === 0) return classifyAbstract(obis, code3);
  return { is: "measurement", obis };
}

function classifyAbstract(obis: Obis, code3: string): Line {
  const { channel, c, d } = obis;
  if (code3 === "96.14.0") return { is: "tariff", obis };
  if (code3 === "98.1.0") return { is: "peak-history", obis };
  if (channel > 0 && code3 === "24.1.0") return { is: "channel-type", channel };
  if (channel > 0 && c === 24 && d === 2) return { is: "channel-reading", channel, obis };
  if (channel > 0 && c === 24 && d === 3) return { is: "channel-reading-v2", channel, obis };
  return { is: "measurement", obis };
}

/** Import or export, for sums and phases alike: L1, L2 and L3 repeat the codes of the sum at 20, 40 and 60. */
export function directionOf(obis: Obis): Direction | null {
  if (obis.medium !== 1 || obis.c < 1 || obis.c > 80) return null;
  switch (obis.c % 20) {
    case 1:
    case 3:
    case 9:
      return "import";
    case 2:
    case 4:
    case 10:
      return "export";
    default:
      return null;
  }
}

/** An electrical index, power, demand or maximum: without a unit it cannot be used, but it must not be passed over. */
export function demandsUnit(obis: Obis): boolean {
  return obis.medium === 1 && obis.c < 96 && (obis.d === 4 || obis.d === 6 || obis.d === 7 || obis.d === 8);
}

/** 13.7.0 and its phases: a number without a unit that is a reading all the same. */
export function isPowerFactor(obis: Obis): boolean {
  return obis.medium === 1 && obis.d === 7 && obis.c % 20 === 13 && obis.c < 80;
}
