// A Sparkplug B payload (specification 3.0, chapter 6): protobuf as the Eclipse Tahu library reads it, its numbers as decimals.
//
// The library's own reading of values is passed over: it looks for a UInt32 in long_value alone, where Tahu puts it; others put it into
// int_value, as the specification says. Here whichever is set is read.
import { createRequire } from "node:module";
import { decimalFromNumber, decimalOf, type Decimal } from "#devices/decimal";
import { shortestFloat } from "../float-text.ts";

/** 64 bits as the library gives them. */
type Long = { readonly low: number; readonly high: number; readonly unsigned: boolean };
type RawMetric = {
  readonly name?: string;
  readonly alias?: Long;
  readonly timestamp?: Long;
  readonly datatype?: number;
  readonly isHistorical?: boolean;
  readonly isNull?: boolean;
  readonly properties?: {
    readonly keys?: readonly string[];
    /** `null` where the value is no text. */
    readonly values?: readonly { readonly stringValue?: string | null }[];
  } | null;
  readonly intValue?: number;
  readonly longValue?: Long;
  readonly floatValue?: number;
  readonly doubleValue?: number;
};
type RawPayload = { readonly timestamp?: Long; readonly seq?: Long; readonly metrics?: readonly RawMetric[] };
type Proto = {
  readonly org: {
    readonly eclipse: {
      readonly tahu: { readonly protobuf: { readonly Payload: { decode(bytes: Uint8Array): RawPayload } } };
    };
  };
};

// The types of the file behind the package's door bring in a global that its door does not declare.
const proto = createRequire(import.meta.url)("sparkplug-payload/lib/sparkplugPayloadProto.js") as Proto;

export type Metric = {
  /** "" where only the alias is sent. */
  readonly name: string;
  /** As text: 64 bits. */
  readonly alias: string | undefined;
  readonly timestampMs: number | undefined;
  /** §6.4.16; `undefined` where the birth said it. */
  readonly datatype: number | undefined;
  /** As the birth declares it: the property engUnit, or one of its like. */
  readonly unit: string | undefined;
  readonly isNull: boolean;
  /** Sent late: of the past. */
  readonly isHistorical: boolean;
  readonly raw: RawMetric;
};

export type SparkplugPayload = {
  readonly timestampMs: number | undefined;
  /** 0 to 255; a node's death has none. */
  readonly seq: number | undefined;
  readonly metrics: readonly Metric[];
};

const METRICS_MAX = 5000;

/** `undefined` for bytes that are no payload, or one of too many metrics. */
export function payloadOf(bytes: Uint8Array): SparkplugPayload | undefined {
  let raw: RawPayload;
  try {
    raw = proto.org.eclipse.tahu.protobuf.Payload.decode(bytes);
  } catch {
    // protobufjs throws for everything that is cut or is another message.
    return undefined;
  }
  const { timestamp, seq, metrics = [] } = raw;
  if (metrics.length > METRICS_MAX) return undefined;
  return {
    timestampMs: has(raw, "timestamp") ? instantOf(timestamp) : undefined,
    seq: has(raw, "seq") ? Number(unsigned(seq) & 0xffn) : undefined,
    metrics: metrics.map(metricOf),
  };
}

function has(object: object, key: string): boolean {
  return Object.hasOwn(object, key) && (object as Record<string, unknown>)[key] !== null;
}

function metricOf(raw: RawMetric): Metric {
  return {
    name: has(raw, "name") ? (raw.name ?? "") : "",
    alias: has(raw, "alias") ? String(unsigned(raw.alias)) : undefined,
    timestampMs: has(raw, "timestamp") ? instantOf(raw.timestamp) : undefined,
    // 0: unknown.
    datatype: has(raw, "datatype") && raw.datatype !== 0 ? raw.datatype : undefined,
    unit: unitProperty(raw),
    isNull: raw.isNull === true || !VALUE_KEYS.some((key) => has(raw, key)),
    isHistorical: raw.isHistorical === true,
    raw,
  };
}

/** Not every encoder marks what is null: some send no value. */
const VALUE_KEYS = ["intValue", "longValue", "floatValue", "doubleValue"];

const UNIT_KEYS = new Set([
  "engunit",
  "engunits",
  "engineeringunit",
  "engineeringunits",
  "unit",
  "units",
  "uom",
]);

function unitProperty({ properties }: RawMetric): string | undefined {
  const at =
    properties?.keys?.findIndex((key) => UNIT_KEYS.has(key.toLowerCase().replaceAll(/[\s._-]/g, ""))) ?? -1;
  return (at < 0 ? undefined : properties?.values?.[at]?.stringValue) ?? undefined;
}

function unsigned(value: Long | undefined): bigint {
  if (value === undefined) return 0n;
  return (BigInt(value.high >>> 0) << 32n) | BigInt(value.low >>> 0);
}

/** Beyond what a calendar holds there is none. */
const INSTANT_MAX_MS = 8.64e15;

function instantOf(value: Long | undefined): number | undefined {
  const instantMs = Number(unsigned(value));
  return instantMs <= INSTANT_MAX_MS ? instantMs : undefined;
}

/** §6.4.16: integers of 8, 16, 32, 64 bits, signed and not, then Float and Double. */
const INTEGER_BITS: ReadonlyMap<number, readonly [bits: number, signed: boolean]> = new Map([
  [1, [8, true]],
  [2, [16, true]],
  [3, [32, true]],
  [4, [64, true]],
  [5, [8, false]],
  [6, [16, false]],
  [7, [32, false]],
  [8, [64, false]],
]);
const FLOAT = 9;
const DOUBLE = 10;

export function isNumeric(datatype: number | undefined): boolean {
  return datatype !== undefined && (INTEGER_BITS.has(datatype) || datatype === FLOAT || datatype === DOUBLE);
}

/** Two's complement of the type's own width, or of the 32 or 64 bits that carry it. `undefined` for what the type cannot hold. */
function integerOf(value: bigint, width: number, signed: boolean): bigint | undefined {
  if (value < 1n << BigInt(width)) return signed ? BigInt.asIntN(width, value) : value;
  if (!signed) return undefined;
  for (const carrier of [32, 64]) {
    const integer = BigInt.asIntN(carrier, value);
    const fits = value < 1n << BigInt(carrier) && BigInt.asIntN(width, integer) === integer;
    if (fits) return integer;
  }
  return undefined;
}

/** `undefined` where there is no number of that type, or one that no meter can show. */
export function valueOf({ raw }: Metric, datatype: number): Decimal | undefined {
  const bits = INTEGER_BITS.get(datatype);
  if (bits !== undefined) {
    const value = has(raw, "longValue")
      ? unsigned(raw.longValue)
      : has(raw, "intValue")
        ? BigInt((raw.intValue ?? 0) >>> 0)
        : undefined;
    if (value === undefined) return undefined;
    const integer = integerOf(value, ...bits);
    return integer === undefined ? undefined : decimalOf(String(integer));
  }
  const value = has(raw, "floatValue")
    ? shortestFloat(raw.floatValue ?? Number.NaN, Math.fround)
    : has(raw, "doubleValue")
      ? shortestFloat(raw.doubleValue ?? Number.NaN, Number)
      : undefined;
  return value === undefined ? undefined : decimalFromNumber(value);
}
