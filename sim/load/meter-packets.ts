// The PUBLISH packets of a fleet of meters: written once, then patched for each meter and instant, so that thousands a
// second cost a generator little. The same meter and instant always give the same payload: it can be said again.
import { generate } from "mqtt-packet";
import { crc16 } from "#devices/profiles/dsmr-p1/crc16";
import { timestamp } from "#devices/profiles/dsmr-p1/encode";
import { encodeSenml, encodeTelegram } from "#devices/profiles/index";
import { SECOND_MS } from "#devices/time";
import type { ProfileId } from "#devices/vocabulary";

/** `senml`: one record, an index. `p1`: a telegram of twenty values. */
export type PayloadKind = "senml" | "p1";
export const PAYLOAD_KINDS: readonly PayloadKind[] = ["senml", "p1"];
export const PROFILE_OF_KIND: Readonly<Record<PayloadKind, ProfileId>> = {
  senml: "senml",
  p1: "dsmr-p1",
};
export const VALUES_OF_KIND: Readonly<Record<PayloadKind, number>> = { senml: 1, p1: 20 };
/** Two messages of a meter are at least this far apart, or the second repeats the first's time. */
export const STEP_MS_OF_KIND: Readonly<Record<PayloadKind, number>> = { senml: 1, p1: SECOND_MS };

export type MeterPackets = {
  /** A packet of its own of QoS 1. `meter`: its number in the fleet. */
  readonly packet: (meter: number, observedAtMs: number, packetId: number, isRepeat: boolean) => Buffer;
};

const METER_DIGITS = 7;
export const METERS_MAX = 10 ** METER_DIGITS;
const DUP = 0x08;
/** Below the number of digits for which there is room, whatever the meter and the day. */
const INDEX_WH = 100_000_000;
const METER_APART_WH = 1000;
/** 500 W. */
const MS_PER_WH = 7200;
const INDEX_SINCE_MS = Date.UTC(2026, 0, 1);

/** What a meter calls itself, and a gateway calls it: the base name of its packs, its telegrams' equipment identifier. */
export function meterName(meter: number): string {
  return `m${String(meter).padStart(METER_DIGITS, "0")}`;
}

/** Of its index, Wh. */
export function indexWhAt(meter: number, observedAtMs: number): number {
  const grownWh = Math.floor((observedAtMs - INDEX_SINCE_MS) / MS_PER_WH);
  return INDEX_WH + (meter % METER_APART_WH) * METER_APART_WH + grownWh;
}

export function createMeterPackets(kind: PayloadKind): MeterPackets {
  return kind === "senml" ? senmlPackets() : p1Packets();
}

function senmlPackets(): MeterPackets {
  const template = templateOf(
    encodeSenml({
      baseName: `${meterName(0)}:`,
      observedAtMs: TEMPLATE_MS,
      records: [{ name: "energy", unit: "kWh", value: kwh(TEMPLATE_WH) }],
    }),
  );
  const timeAt = template.find(String(TEMPLATE_MS / SECOND_MS));
  const valueAt = template.find(kwh(TEMPLATE_WH));
  const nameAt = template.find(meterName(0));
  return {
    packet: (meter, observedAtMs, packetId, isRepeat) => {
      const { packet } = template.begin(meter, packetId, isRepeat);
      packet.write(meterName(meter), nameAt, "latin1");
      packet.write((observedAtMs / SECOND_MS).toFixed(3), timeAt, "latin1");
      packet.write(kwh(indexWhAt(meter, observedAtMs)), valueAt, "latin1");
      return packet;
    },
  };
}

function p1Packets(): MeterPackets {
  const phase = { importW: 166, exportW: 0, voltageDeciV: 2304, currentCentiA: 72 };
  const template = templateOf(
    encodeTelegram({
      meterId: meterName(0),
      observedAtMs: TEMPLATE_MS,
      importWh: [TEMPLATE_WH, 2_345_678],
      exportWh: [0, 0],
      tariff: 1,
      importW: 498,
      exportW: 0,
      demandW: 250,
      monthPeak: { atMs: PEAK_MS, powerW: 4300 },
      phases: [phase, phase, phase],
    }),
  );
  const nameAt = template.find(hex(meterName(0)));
  const timeAt = template.find(timestamp(TEMPLATE_MS));
  const valueAt = template.find(kwh(TEMPLATE_WH));
  const crcAt = template.bytes.lastIndexOf("!") + 1;
  let stampedMs = Number.NaN;
  let stamp = "";
  return {
    packet: (meter, observedAtMs, packetId, isRepeat) => {
      const { packet } = template.begin(meter, packetId, isRepeat);
      // Many meters speak within the same second.
      if (observedAtMs !== stampedMs) [stampedMs, stamp] = [observedAtMs, timestamp(observedAtMs)];
      packet.write(hex(meterName(meter)), nameAt, "latin1");
      packet.write(stamp, timeAt, "latin1");
      packet.write(kwh(indexWhAt(meter, observedAtMs)), valueAt, "latin1");
      const crc = crc16(packet, template.payloadAt, crcAt);
      packet.write(crc.toString(16).toUpperCase().padStart(4, "0"), crcAt, "latin1");
      return packet;
    },
  };
}

/** With three digits behind the point of the seconds, and values that stand nowhere else in a payload. */
const TEMPLATE_MS = Date.UTC(2026, 5, 1, 12) + 123;
const PEAK_MS = Date.UTC(2026, 4, 1);
const TEMPLATE_WH = 123_456_789;

type Template = {
  readonly bytes: Buffer;
  readonly payloadAt: number;
  /** Where this text stands in the payload. */
  readonly find: (text: string) => number;
  /** A copy with its header, topic and identifier as they are to be. */
  readonly begin: (meter: number, packetId: number, isRepeat: boolean) => { readonly packet: Buffer };
};

function templateOf(payload: Buffer): Template {
  const topic = `meter/${meterName(0)}`;
  const generated = generate({
    cmd: "publish",
    topic,
    payload,
    qos: 1,
    messageId: 1,
    dup: false,
    retain: false,
  });
  const bytes = typeof generated === "string" ? Buffer.from(generated) : generated;
  const payloadAt = bytes.length - payload.length;
  const idAt = payloadAt - 2;
  const nameAt = idAt - meterName(0).length;
  return {
    bytes,
    payloadAt,
    find: (text) => {
      const at = bytes.indexOf(text, payloadAt, "latin1");
      if (at < 0) throw new Error(`the template of a message holds no ${text}`);
      return at;
    },
    begin: (meter, packetId, isRepeat) => {
      const packet = Buffer.allocUnsafe(bytes.length);
      bytes.copy(packet);
      if (isRepeat) packet[0] = (packet[0] ?? 0) | DUP;
      packet.write(meterName(meter), nameAt, "latin1");
      packet.writeUInt16BE(packetId, idAt);
      return { packet };
    },
  };
}

/** Six digits, a point, three digits. */
function kwh(wh: number): string {
  const digits = String(wh);
  return `${digits.slice(0, -3)}.${digits.slice(-3)}`;
}

function hex(text: string): string {
  return Buffer.from(text, "latin1").toString("hex").toUpperCase();
}
