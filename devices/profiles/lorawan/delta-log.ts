// One uplink with a day in it: an index of the past and what was added to it, hour by hour.
//
//   timestamp_unix 1788390574, log_volume_m3 5.938, delta_1_m3 … delta_23_m3, current_volume_m3 6.054      (Axioma Qalcosonic W1)
//
// The points are 5.938, 5.938 + delta 1, … and lie an hour apart. The one time of the object is of the first point or of the
// last: it is of the first only if the last is then no later than the moment at which the network server heard the uplink.
import { addDecimals, compareDecimals, decimalOfJson, type Decimal } from "#devices/decimal";
import { JsonNumber } from "#devices/json";
import type { Rejection } from "#devices/reading";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "#devices/time";

export type LogPoint = { readonly value: Decimal; readonly observedAtMs: number | undefined };

export type DeltaLog = {
  /** The register: the index of now where the object has it, else the log's own. */
  readonly name: string;
  /** Oldest first; `observedAtMs` is undefined for the index of now where it has no instant but the uplink's. */
  readonly points: readonly LogPoint[];
  /** Fields that are told by the points, and must not be read again. */
  readonly consumed: ReadonlySet<string>;
  readonly rejection: Rejection | undefined;
};

export type LogTimes = {
  /** Of the object; `undefined` where it has none. */
  readonly ownMs: number | undefined;
  /** Of the log alone: `LogTimestamp`. */
  readonly logMs: number | undefined;
  readonly heardAtMs: number;
};

const DELTA = /^delta[_-]?(\d{1,3})(?:[_-]?[a-z]\w*)?$/i;
const DELTAS = /^(?:(?:hourly|log)[_-]?)?deltas?(?:[_-]?volumes?|[_-]?energ(?:y|ies)|s)(?:[_-]\w+)?$/i;
const BASE = /^log[_-]?(?:volume|energy|index)(?:[_-]?\w+)?$/i;
const NOW = /^current[_-]?(?:volume|energy|index)(?:[_-]?\w+)?$/i;
const ABOUT = /^history[_-]?(?:count|total|multiplier)(?:[_-]?\w+)?$/i;
const MULTIPLIER = /^history[_-]?multiplier$/i;
const INTERVAL = /^log[_-]?interval[_-]?(s|sec|seconds|min|minutes)$/i;
/** A meter's clock may run ahead of the server's by this much. */
const AHEAD_MAX_MS = 5 * MINUTE_MS;

/** The log of an object, or `undefined` where it is none: no base, or no row of deltas that begins with the first. */
export function deltaLogOf(fields: Readonly<Record<string, unknown>>, times: LogTimes): DeltaLog | undefined {
  const names = Object.keys(fields);
  const base = names.find((name) => BASE.test(name));
  const deltas = base === undefined ? undefined : deltasOf(fields, names);
  const first = base === undefined ? undefined : numberOf(fields[base]);
  if (base === undefined || deltas === undefined || first === undefined) return undefined;
  const now = names.find((name) => NOW.test(name) && unitTail(name) === unitTail(base));
  const current = now === undefined ? undefined : numberOf(fields[now]);
  const about = names.filter((name) => ABOUT.test(name) || INTERVAL.test(name));
  const log = {
    name: now ?? base,
    consumed: new Set([base, ...deltas.names, ...(now === undefined ? [] : [now]), ...about]),
  };
  const alone = current === undefined ? [] : [{ value: current, observedAtMs: times.ownMs }];
  const fault = faultOf(fields, names, times);
  if (fault !== undefined)
    return { ...log, points: alone, rejection: { reason: "reading_malformed", detail: fault } };
  const points = pointsOf(
    first,
    deltas.values,
    startOf(deltas.values.length, intervalOf(fields, names), times),
  );
  return { ...log, points: withCurrent(points, current, times), rejection: undefined };
}

function faultOf(
  fields: Readonly<Record<string, unknown>>,
  names: readonly string[],
  { ownMs, logMs }: LogTimes,
): string | undefined {
  if (ownMs === undefined && logMs === undefined) return "The log of the meter has no time that can be used.";
  const multiplier = names.find((name) => MULTIPLIER.test(name));
  const factor = multiplier === undefined ? "0" : (numberOf(fields[multiplier]) ?? "0");
  return compareDecimals(factor, "0") === 0
    ? undefined
    : `The log of the meter is scaled by the multiplier ${factor.slice(0, 20)}, which the codec did not apply.`;
}

function deltasOf(
  fields: Readonly<Record<string, unknown>>,
  names: readonly string[],
): { readonly names: readonly string[]; readonly values: readonly Decimal[] } | undefined {
  const row = names.find((name) => DELTAS.test(name) && Array.isArray(fields[name]));
  const found: readonly (readonly [name: string, value: unknown])[] =
    row === undefined
      ? names
          .flatMap((name) => {
            const number = DELTA.exec(name)?.[1];
            return number === undefined ? [] : [[Number(number), name] as const];
          })
          .toSorted(([left], [right]) => left - right)
          .flatMap(([number, name], at) => (number === at + 1 ? [[name, fields[name]] as const] : []))
      : (fields[row] as readonly unknown[]).map((value) => [row, value] as const);
  const values = found.flatMap(([, value]) => numberOf(value) ?? []);
  if (values.length === 0 || values.length !== found.length) return undefined;
  return { names: [...new Set(found.map(([name]) => name))], values };
}

type Step = { readonly startMs: number; readonly stepMs: number };

function startOf(count: number, stepMs: number, { ownMs, logMs, heardAtMs }: LogTimes): Step {
  const spanMs = count * stepMs;
  const anchorMs = logMs ?? ownMs ?? heardAtMs;
  const isFirst = logMs !== undefined || anchorMs + spanMs <= heardAtMs + AHEAD_MAX_MS;
  return { startMs: isFirst ? anchorMs : anchorMs - spanMs, stepMs };
}

function intervalOf(fields: Readonly<Record<string, unknown>>, names: readonly string[]): number {
  for (const name of names) {
    const unit = INTERVAL.exec(name)?.[1]?.toLowerCase();
    const count = unit === undefined ? 0 : Number(numberOf(fields[name]) ?? 0);
    const stepMs = Math.round(count * (unit?.startsWith("s") === true ? SECOND_MS : MINUTE_MS));
    if (stepMs > 0 && stepMs <= 24 * HOUR_MS) return stepMs;
  }
  return HOUR_MS;
}

function pointsOf(first: Decimal, deltas: readonly Decimal[], { startMs, stepMs }: Step): LogPoint[] {
  const points = [{ value: first, observedAtMs: startMs }];
  let value = first;
  for (const [at, delta] of deltas.entries()) {
    value = addDecimals(value, delta);
    points.push({ value, observedAtMs: startMs + (at + 1) * stepMs });
  }
  return points;
}

/** The index of now is the last point, unless it counts more: then it is of the object's time, or of the uplink's. */
function withCurrent(points: readonly LogPoint[], current: Decimal | undefined, times: LogTimes): LogPoint[] {
  const last = points.at(-1);
  if (current === undefined || last === undefined || compareDecimals(current, last.value) === 0)
    return [...points];
  const { ownMs } = times;
  const later = ownMs !== undefined && last.observedAtMs !== undefined && ownMs > last.observedAtMs;
  if (ownMs !== undefined && ownMs === last.observedAtMs)
    return [...points.slice(0, -1), { value: current, observedAtMs: ownMs }];
  return [...points, { value: current, observedAtMs: later ? ownMs : undefined }];
}

function numberOf(value: unknown): Decimal | undefined {
  return value instanceof JsonNumber ? decimalOfJson(value.text) : undefined;
}

/** What follows the quantity: `m3` of `log_volume_m3`. */
function unitTail(name: string): string {
  return name.replace(/^[a-z]+[_-]?(?:volume|energy|index)[_-]?/i, "").toLowerCase();
}
