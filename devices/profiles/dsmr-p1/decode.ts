// Decodes the telegrams of a DSMR or eMUCS P1 port: bytes in, readings of the meter and of the M-Bus meters behind it out.
//
// A value belongs to the telegram's own time (0-0:1.0.0) unless its line brings another: M-Bus meters, month peaks and their
// history do. A telegram of DSMR 2.2 or 3 has no time: its values leave here without one, and ingest decides.
import { decimalOf, type Decimal } from "#devices/decimal";
import { quoted } from "#devices/quote";
import type { DecodeContext, Decoded, Decoder, Observation, Rejection } from "#devices/reading";
import { quantityOf } from "#devices/units";
import { ClockSource } from "#devices/vocabulary";
import { unitOfText } from "../unit-words.ts";
import { equipmentIdOf } from "./equipment-id.ts";
import { framesOf, latin1, type Frame } from "./frames.ts";
import { firstOf, groupsOf, rawLinesOf } from "./lines.ts";
import { demandsUnit, lineOf, type Line, type Obis } from "./obis.ts";
import { MBUS_UNKNOWN, meterOf, registerOf, type Meter } from "./registers.ts";
import { instantOf, isTimestamp, type P1Instant } from "./timestamp.ts";

/** Values of a second-rate meter are kept once a minute; whoever registers a slower meter keeps them all. */
const KEEP_EVERY_S = 60;
/** One message cannot fill the quarantine's detail: the rest is counted. */
const REJECTIONS_MAX = 16;

/** What is known of the meter on a channel, or of the main meter, once all lines were seen. */
type Identity = { id: string; rank: number; type: number; spoiled: boolean; meter: Meter | undefined };

/** One telegram being read. */
type Reading = {
  readonly text: string;
  readonly context: DecodeContext;
  readonly observations: Observation[];
  readonly rejections: Rejection[];
  refused: number;
  /** The telegram's own time; `impossible` where it says one that the calendar does not have. */
  time: P1Instant | "absent" | "impossible";
  declaresVersion: boolean;
  readonly identities: Map<number, Identity>;
};

/** A line with values: `groups` is what follows the code, brackets included. */
type Found = { readonly line: Line; readonly groups: string };

/** Pure and total. Several telegrams may follow one another; of one with a wrong checksum nothing is decoded. */
export const decodeP1: Decoder = (payload, context) => {
  const { frames, rejections } = framesOf(payload);
  const observations: Observation[] = [];
  const refused = [...rejections];
  for (const frame of frames) {
    const decoded = decodeFrame(payload, frame, context);
    for (const observation of decoded.observations) observations.push(observation);
    for (const rejection of decoded.rejections) if (refused.length <= REJECTIONS_MAX) refused.push(rejection);
  }
  return { observations, rejections: refused };
};

function decodeFrame(payload: Uint8Array, frame: Frame, context: DecodeContext): Decoded {
  const reading: Reading = {
    text: latin1(payload, frame.from, frame.to),
    context,
    observations: [],
    rejections: [],
    refused: 0,
    time: "absent",
    declaresVersion: false,
    identities: new Map(),
  };
  const found = linesOf(reading);
  if (reading.declaresVersion && !frame.checked) {
    refuse(
      reading,
      "reading_malformed",
      () => "The telegram breaks off before the checksum that its version demands.",
    );
    return reading;
  }
  if (reading.time === "impossible") {
    refuse(
      reading,
      "reading_malformed",
      () => "The telegram's own time is not in the calendar: its values have none.",
    );
  }
  for (const line of found) readLine(reading, line);
  if (reading.refused > REJECTIONS_MAX) {
    const detail = `${reading.refused - REJECTIONS_MAX} more lines could not be used.`;
    reading.rejections.push({ reason: "reading_malformed", detail });
  }
  if (reading.observations.length === 0 && reading.refused === 0) {
    refuse(reading, "reading_malformed", () => "The telegram carries no reading.");
  }
  return reading;
}

/** First pass: who speaks and when. Returns the lines with values, for the second pass. */
function linesOf(reading: Reading): Found[] {
  const found: Found[] = [];
  for (const whole of rawLinesOf(reading.text)) {
    const open = whole.indexOf("(");
    const line = lineOf(open < 0 ? whole.trim() : whole.slice(0, open).trim());
    const groups = open < 0 ? "" : whole.slice(open);
    if (line.is === "unreadable") {
      refuse(reading, "reading_malformed", () => `This line is not an OBIS object: ${quoted(whole.trim())}.`);
    } else if (line.is !== "ignored" && !identify(reading, line, groups)) {
      found.push({ line, groups });
    }
  }
  return found;
}

/** Takes in a line that says who or when; false for one with a value. */
function identify(reading: Reading, line: Line, groups: string): boolean {
  switch (line.is) {
    case "time": {
      const { timezone, receivedAtMs } = reading.context;
      reading.time = instantOf(firstOf(groups), timezone, receivedAtMs) ?? "impossible";
      return true;
    }
    case "version":
      reading.declaresVersion = true;
      return true;
    case "channel-type":
      identityOf(reading, line.channel).type = typeOf(firstOf(groups));
      return true;
    case "equipment-id":
      takeEquipmentId(identityOf(reading, line.channel), line.rank, firstOf(groups));
      return true;
    default:
      return false;
  }
}

function takeEquipmentId(identity: Identity, rank: number, text: string): void {
  const id = equipmentIdOf(text);
  if (id === undefined) identity.spoiled = true;
  else if (id !== "" && rank < identity.rank) {
    identity.id = id;
    identity.rank = rank;
  }
}

function identityOf(reading: Reading, channel: number): Identity {
  const known = reading.identities.get(channel);
  if (known !== undefined) return known;
  const fresh: Identity = { id: "", rank: 99, type: MBUS_UNKNOWN, spoiled: false, meter: undefined };
  reading.identities.set(channel, fresh);
  return fresh;
}

function typeOf(text: string): number {
  return /^\d{1,3}$/.test(text) ? Number(text) : MBUS_UNKNOWN;
}

/** Second pass: a line's values as observations. */
function readLine(reading: Reading, { line, groups: text }: Found): void {
  if (!("obis" in line)) return;
  const groups = groupsOf(text);
  if (groups === undefined) {
    refuse(reading, "reading_malformed", () => `${line.obis.name} lacks a bracket: ${quoted(text.trim())}.`);
    return;
  }
  const meter = meterBehind(reading, line);
  if (meter === undefined) {
    refuse(
      reading,
      "text_invalid",
      () => `The serial number of the meter behind ${line.obis.name} is not printable text.`,
    );
    return;
  }
  if (line.is === "channel-reading-v2") readChannelV2(reading, meter, line.obis, groups);
  else if (line.is === "peak-history") readHistory(reading, meter, line.obis, groups);
  else readMeasurement(reading, meter, line.obis, groups);
}

/** All lines that name the meter were seen before the first value is read. `undefined`: its serial number is no text. */
function meterBehind(reading: Reading, line: Line): Meter | undefined {
  const channel = line.is === "channel-reading" || line.is === "channel-reading-v2" ? line.channel : 0;
  const identity = identityOf(reading, channel);
  if (identity.spoiled) return undefined;
  if (identity.meter !== undefined) return identity.meter;
  const interval = reading.context.expectedIntervalS;
  const keepEveryS = interval === null || interval < KEEP_EVERY_S ? KEEP_EVERY_S : 0;
  identity.meter =
    channel > 0 ? meterOf(identity.id, 0, identity.type) : meterOf(identity.id, keepEveryS, undefined);
  return identity.meter;
}

/** `(value)` at the telegram's time, or `(time)(value)` at its own. An empty value is none. */
function readMeasurement(reading: Reading, meter: Meter, obis: Obis, groups: readonly string[]): void {
  const [first = "", second] = groups;
  if (groups.length === 1) {
    if (first === "") return;
    if (meter.mbusType !== undefined) observe(reading, meter, obis, first, undefined);
    else if (reading.time !== "impossible") observe(reading, meter, obis, first, reading.time);
  } else if (groups.length === 2 && second !== undefined && isTimestamp(first)) {
    observeAt(reading, meter, obis, first, second);
  } else if (obis.c < 96) {
    refuse(
      reading,
      "reading_malformed",
      () => `${obis.name} has ${groups.length} values where one is expected.`,
    );
  }
}

/** DSMR 2.2 and 3: `(time)(status)(minutes)(1)(object)(unit)` and, on the next line, `(value)`; the time is local. */
function readChannelV2(reading: Reading, meter: Meter, obis: Obis, groups: readonly string[]): void {
  const [time = "", , , count, , unit = "", value = ""] = groups;
  if (groups.length !== 7 || Number(count) !== 1) {
    refuse(
      reading,
      "reading_malformed",
      () => `${obis.name} is not one value of one object: ${quoted(groups.join(")("))}.`,
    );
    return;
  }
  observeAt(reading, meter, obis, time, unit === "" ? value : `${value}*${unit}`);
}

/**
 * The Belgian history of month peaks: `(n)(1-0:1.6.0)(1-0:1.6.0)` and n times `(month closed)(peak at)(kW)`. Under the same code
 * E.ON Hungary lists last month's indices without saying which is which: that form is left alone on purpose.
 */
function readHistory(reading: Reading, meter: Meter, obis: Obis, groups: readonly string[]): void {
  if (groups[1] !== "1-0:1.6.0") return;
  for (let at = 3; at < groups.length; at += 3) {
    const peakAt = groups[at + 1];
    const value = groups[at + 2];
    if (peakAt === undefined || value === undefined) {
      if (groups[at] !== "")
        refuse(reading, "reading_malformed", () => `${obis.name} breaks off within a month.`);
      return;
    }
    observeAt(reading, meter, obis, peakAt, value);
  }
}

/** A value with a time of its own. Zero at an impossible time, or without unit, is the mark of a slot never filled. */
function observeAt(reading: Reading, meter: Meter, obis: Obis, time: string, measured: string): void {
  const instant = instantOf(time, reading.context.timezone, reading.context.receivedAtMs);
  const neverFilled = (instant === undefined || !measured.includes("*")) && ZERO.test(measured);
  if (neverFilled) return;
  if (instant === undefined) {
    const asked = (): string =>
      `${obis.name} has ${quoted(measured)} at ${quoted(time)}, which is no instant.`;
    refuse(reading, "reading_malformed", asked);
  } else {
    observe(reading, meter, obis, measured, instant);
  }
}

const ZERO = /^[0.]*(?:\*|$)/;

function observe(
  reading: Reading,
  meter: Meter,
  obis: Obis,
  measured: string,
  time: P1Instant | "absent" | undefined,
): void {
  const star = measured.indexOf("*");
  const unit = star < 0 ? "" : canonical(measured.slice(star + 1));
  const own = typeof time === "object" && time !== reading.time;
  const register = registerOf(meter, obis, unit, own);
  if (register === undefined) {
    if (unit === "" && meter.mbusType === undefined && !demandsUnit(obis)) return;
    refuse(reading, "unit_unknown", () =>
      unit === ""
        ? `${obis.name} has no unit.`
        : `${obis.name} has the unit ${quoted(unit)}, which is not known.`,
    );
    return;
  }
  const value: Decimal | undefined = decimalOf(star < 0 ? measured : measured.slice(0, star));
  if (value === undefined) {
    refuse(
      reading,
      "value_not_numeric",
      () => `${obis.name} has ${quoted(measured)}, which is not a number.`,
    );
  } else if (typeof time === "object") {
    reading.observations.push({ register, value, observedAtMs: time.observedAtMs, clock: time.clock });
  } else {
    reading.observations.push({ register, value, observedAtMs: undefined, clock: ClockSource.broker });
  }
}

/** Swedish meters write `kVArh` and `kVAr`. */
function canonical(unit: string): string {
  return quantityOf(unit) === undefined ? (unitOfText(unit) ?? unit) : unit;
}

/** The sentence is only made where it is kept. */
function refuse(reading: Reading, reason: Rejection["reason"], detail: () => string): void {
  reading.refused++;
  if (reading.rejections.length < REJECTIONS_MAX) reading.rejections.push({ reason, detail: detail() });
}
