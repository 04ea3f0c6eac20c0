// The command line of a run: every option checked, all problems named together.
import { parseArgs } from "node:util";
import { KoproError } from "#devices/error";
import {
  DAY_MS,
  HOUR_MS,
  MINUTE_MS,
  QUARTER_MS,
  SECOND_MS,
  parseInstant,
  utcDayStartMs,
} from "#devices/time";
import { FAULT_KINDS, readFaults, type FaultRates } from "../story/fault-kinds.ts";

export type RunOptions = {
  /** Where to run; `undefined`: everything is brought up on throw-away services. */
  readonly target: { readonly mqttUrl: string; readonly apiUrl: string; readonly token: string } | undefined;
  readonly buildings: number;
  readonly seed: number;
  readonly fromMs: number;
  readonly spanMs: number;
  /** Simulated seconds in a real one; `undefined`: as fast as it is acknowledged. */
  readonly speed: number | undefined;
  /** The present itself is told, each message when it leaves. */
  readonly live: boolean;
  readonly stepMs: number;
  readonly faults: FaultRates;
  readonly settleMs: number;
};

export const USAGE = `Publishes a world that it knows over real MQTT, then compares what the API answers with it.

  npm run sim -- [--url mqtt://… --api http://… --token …] [options]

  --url, --api, --token   the broker, the API and an administrator's API token; without them everything is brought
                          up on throw-away services first
  --buildings N           how many (2)
  --from DATE             first simulated instant, 2026-01-01 or 2026-01-01T00:00:00Z (two days ago, on the hour; with dst
                          eight hours before the clocks last changed)
  --speed N               simulated seconds in a real one; without it as fast as it is acknowledged
  --live                  the present, from two minutes on: the only run in which meters speak that tell no time
  --duration TIME         how long to publish: real time with --speed, simulated time without (1d); 90s, 10m, 6h, 2d
  --step TIME             pause between two messages of a device, divides a quarter-hour (1m)
  --seed N                the same seed is the same world with the same faults (1)
  --faults LIST           of ${FAULT_KINDS.slice(0, 7).join(", ")},
                          ${FAULT_KINDS.slice(7, 15).join(", ")},
                          ${FAULT_KINDS.slice(15).join(", ")}, or all; each with a rate of its own if need be: loss:0.1 is one
                          message in ten, swap:2 two a day; kill and slow strike throw-away services only
  --settle TIME           how long to wait for the profiles at the end (4m)

  npm run sim -- demo --url mqtt://… --api http://… [--days N]

                          the living demo portfolio, with N days of history (3); KOPROGO_ADMIN_EMAIL and
                          KOPROGO_ADMIN_PASSWORD say who registers it

  npm run sim -- soak [--schedules N] [--seed N]

                          processes and services killed and frozen under load, one schedule after the other, on throw-away
                          services; seeds that fail are kept in sim/faults/failing-seeds.json

  npm run sim -- fuzz [--duration 10m] [--seed N]

                          drawn and damaged messages in every decoder, and drawn and damaged packets against the broker, on
                          throw-away services; seeds that fail are kept in sim/fuzz/failing-seeds.json and played first

Prints one JSON object. Exit code 1: something acknowledged is missing or doubled, what was sent with QoS 0 did not
arrive, a quarter-hour is wrong without saying so, or a register's account does not close. Exit code 2: the command line is wrong.`;

const OPTIONS = {
  url: { type: "string" },
  api: { type: "string" },
  token: { type: "string" },
  buildings: { type: "string", default: "2" },
  from: { type: "string" },
  speed: { type: "string" },
  live: { type: "boolean", default: false },
  duration: { type: "string", default: "1d" },
  step: { type: "string", default: "1m" },
  seed: { type: "string", default: "1" },
  faults: { type: "string", default: "" },
  settle: { type: "string", default: "4m" },
} as const;

/** Until the present is told, everything is up and registered. */
const REGISTERED_WITHIN_MS = 2 * MINUTE_MS;

/** @throws KoproError `request_invalid` naming every option at fault. */
export function readRunOptions(args: readonly string[], nowMs: number): RunOptions {
  const values = parse(args);
  const problems: string[] = [];
  const check = <T>(value: T | undefined, problem: string): T | undefined => {
    if (value === undefined) problems.push(problem);
    return value;
  };
  const buildings = check(
    whole(values.buildings, 1, 10_000),
    "--buildings must be a whole number from 1 to 10000",
  );
  const seed = check(
    whole(values.seed, 0, 2 ** 31 - 1),
    "--seed must be a whole number from 0 to 2147483647",
  );
  const speed =
    values.speed === undefined ? 0 : check(positive(values.speed), "--speed must be a positive number");
  const durationMs = check(
    timeMs(values.duration),
    `--duration ${values.duration} is not a time such as 90s, 10m, 6h or 2d`,
  );
  const stepMs = check(
    stepOf(values.step),
    `--step ${values.step} is not a time that divides a quarter-hour`,
  );
  const settleMs = check(timeMs(values.settle), `--settle ${values.settle} is not a time such as 4m`);
  const faults = readFaults(values.faults);
  const fromMs = check(
    startOf(values.from, faults.rates.has("dst") ? lastClockChange(nowMs) : nowMs - 2 * DAY_MS),
    `--from ${values.from} is neither a date nor an instant`,
  );
  for (const word of faults.unknown)
    problems.push(`--faults knows ${FAULT_KINDS.join(", ")} and all, not ${word}`);
  if (values.live && (values.from !== undefined || values.speed !== undefined))
    problems.push("--live has neither --from nor --speed");
  const target = targetOf(values, problems);
  if (
    problems.length > 0 ||
    buildings === undefined ||
    seed === undefined ||
    speed === undefined ||
    durationMs === undefined ||
    stepMs === undefined ||
    settleMs === undefined ||
    fromMs === undefined
  ) {
    throw new KoproError("request_invalid", problems.join("\n"));
  }
  return {
    target,
    buildings,
    seed,
    fromMs: values.live ? Math.ceil((nowMs + REGISTERED_WITHIN_MS) / MINUTE_MS) * MINUTE_MS : fromMs,
    spanMs: values.live
      ? durationMs
      : Math.max(QUARTER_MS, Math.round(durationMs * (speed === 0 ? 1 : speed))),
    speed: values.live ? 1 : speed === 0 ? undefined : speed,
    live: values.live,
    stepMs,
    faults: faults.rates,
    settleMs,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: false }).values;
  } catch (error) {
    throw new KoproError("request_invalid", error instanceof Error ? error.message : String(error), {
      cause: error,
    });
  }
}

export function targetOf(
  values: { url?: string; api?: string; token?: string },
  problems: string[],
): RunOptions["target"] {
  const { url, api, token } = values;
  if (url === undefined && api === undefined && token === undefined) return undefined;
  if (url === undefined || api === undefined || token === undefined) {
    problems.push("--url, --api and --token go together");
    return undefined;
  }
  if (!URL.canParse(url) || !/^(?:mqtts?|wss?):/.test(url))
    problems.push(`--url ${url} is not an mqtt:// address`);
  if (!URL.canParse(api) || !/^https?:/.test(api)) problems.push(`--api ${api} is not an http:// address`);
  return { mqttUrl: url, apiUrl: api, token };
}

export function whole(text: string, min: number, max: number): number | undefined {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return value >= min && value <= max ? value : undefined;
}

function positive(text: string): number | undefined {
  const value = Number(text);
  return Number.isFinite(value) && value > 0 ? value : undefined;
}

const UNIT_MS: Readonly<Record<string, number>> = { s: SECOND_MS, m: MINUTE_MS, h: HOUR_MS, d: DAY_MS };

/** Of `90s`, `10m`, `6h`, `2d`, in milliseconds; undefined for anything else, and for nothing. */
export function timeMs(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)([smhd])$/.exec(text);
  const unitMs = UNIT_MS[match?.[2] ?? ""];
  const value = unitMs === undefined ? 0 : Number(match?.[1]) * unitMs;
  return value > 0 ? value : undefined;
}

function stepOf(text: string): number | undefined {
  const stepMs = timeMs(text);
  return stepMs !== undefined && stepMs % SECOND_MS === 0 && QUARTER_MS % stepMs === 0 ? stepMs : undefined;
}

/** On a quarter-hour. */
function startOf(text: string | undefined, usualMs: number): number | undefined {
  if (text === undefined) return Math.floor(usualMs / HOUR_MS) * HOUR_MS;
  const at = /^\d{4}-\d\d-\d\d$/.test(text) ? utcDayStartMs(text) : parseInstant(text);
  return at === undefined || Number.isNaN(at) ? undefined : Math.floor(at / QUARTER_MS) * QUARTER_MS;
}

/** Eight hours before the zone of most buildings last changed its clocks, so that a day has the night in its middle. */
function lastClockChange(nowMs: number): number {
  const change = Temporal.Instant.fromEpochMilliseconds(nowMs - DAY_MS)
    .toZonedDateTimeISO("Europe/Brussels")
    .getTimeZoneTransition("previous");
  return (change?.epochMilliseconds ?? nowMs) - 8 * HOUR_MS;
}
