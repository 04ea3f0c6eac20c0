// The command line of a load: every option checked, all problems named together.
import { parseArgs } from "node:util";
import { KoproError } from "#devices/error";
import { targetOf, timeMs, whole, type RunOptions } from "../run/options.ts";
import { METERS_MAX, PAYLOAD_KINDS, STEP_MS_OF_KIND, type PayloadKind } from "./meter-packets.ts";
import { lengthMs, steadyPlan, type RatePlan } from "./rate-plan.ts";
import type { Storm } from "./load-messages.ts";

export type LoadOptions = {
  /** Where to; `undefined`: everything is brought up on throw-away services. */
  readonly target: RunOptions["target"];
  readonly kind: PayloadKind;
  readonly meters: number;
  readonly connectionsMax: number;
  readonly processes: number;
  readonly plan: RatePlan;
  readonly storms: readonly Storm[];
  /** Find the highest rate instead, holding each for so long. */
  readonly search: { readonly holdMs: number } | undefined;
  /** Of the API beside the load. */
  readonly requestsPerS: number;
  readonly seed: number;
};

export const LOAD_USAGE = `  npm run sim -- load [--meters N] [--rate N] [--duration TIME] [options]

                          meters that speak by the clock whether they are answered or not, from several processes; at the
                          end everything acknowledged is counted. --url, --api and --token as above
  --meters N              how many (1000); behind at most --connections N (10000), gateways where there are more meters
  --payload KIND          senml: one record, an index (the default); p1: telegrams of 20 values
  --rate N                messages a second of all together (100), for --duration TIME (1m); before it, and not in the
                          figures, a quarter of that (15 s at most) in which it rises to it
  --ramp TIME             risen to within this time first
  --steps LIST            instead: rates with their times, such as 1000:30s,5000:1m,1000:30s
  --storm TIME            every so often all connections are cut, and come back within --jitter TIME (10s)
  --search                instead: the highest rate with a p99 of PUBACK below a second, each held for --hold TIME (20s),
                          and what was full at the next one
  --requests N            requests a second to the API meanwhile (20)
  --processes N           that speak (2)`;

const OPTIONS = {
  url: { type: "string" },
  api: { type: "string" },
  token: { type: "string" },
  payload: { type: "string", default: "senml" },
  meters: { type: "string", default: "1000" },
  connections: { type: "string", default: "10000" },
  processes: { type: "string", default: "2" },
  rate: { type: "string" },
  duration: { type: "string" },
  ramp: { type: "string" },
  steps: { type: "string" },
  storm: { type: "string" },
  jitter: { type: "string" },
  search: { type: "boolean", default: false },
  hold: { type: "string" },
  requests: { type: "string", default: "20" },
  seed: { type: "string", default: "1" },
} as const;

const RATE_MAX = 1_000_000;
const PROCESSES_MAX = 16;
/** What our broker takes in all. */
const CONNECTIONS_MAX = 20_000;

/** @throws KoproError `request_invalid` naming every option at fault. */
export function readLoadOptions(args: readonly string[]): LoadOptions {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  const problems: string[] = [];
  const number = (
    name: "meters" | "connections" | "processes" | "requests" | "seed",
    min: number,
    max: number,
  ) => {
    const value = whole(values[name], min, max);
    if (value === undefined) problems.push(`--${name} must be a whole number from ${min} to ${max}`);
    return value ?? min;
  };
  const time = (name: "duration" | "ramp" | "storm" | "jitter" | "hold", otherwise: string): number => {
    const text = values[name] ?? otherwise;
    const ms = timeMs(text);
    if (ms === undefined) problems.push(`--${name} ${text} is not a time such as 90s or 5m`);
    return ms ?? 1;
  };
  const kind = PAYLOAD_KINDS.find((known) => known === values.payload);
  if (kind === undefined)
    problems.push(`--payload knows ${PAYLOAD_KINDS.join(" and ")}, not ${values.payload}`);
  for (const name of ["rate", "duration", "ramp"] as const) {
    if (values.steps !== undefined && values[name] !== undefined)
      problems.push(`--steps says what --${name} would`);
  }
  const meters = number("meters", 1, METERS_MAX);
  const plan =
    values.steps === undefined
      ? steadyPlan(
          rateOf(values.rate ?? "100", problems),
          time("duration", "1m"),
          values.ramp === undefined ? 0 : time("ramp", ""),
        )
      : stepsOf(values.steps, problems);
  const perMeterMax = 1000 / STEP_MS_OF_KIND[kind ?? "senml"];
  const fastest = Math.max(...plan.flatMap(({ fromPerS, toPerS }) => [fromPerS, toPerS]));
  if (fastest > meters * perMeterMax)
    problems.push(
      `a meter says at most ${perMeterMax} messages a second with this payload: more --meters, or less --rate`,
    );
  const stormEveryMs = values.storm === undefined ? undefined : time("storm", "");
  const jitterMs = time("jitter", "10s");
  const options: LoadOptions = {
    target: targetOf(values, problems),
    kind: kind ?? "senml",
    meters,
    connectionsMax: number("connections", 1, CONNECTIONS_MAX),
    processes: number("processes", 1, PROCESSES_MAX),
    plan,
    storms: stormEveryMs === undefined ? [] : stormsOf(stormEveryMs, jitterMs, lengthMs(plan)),
    search: values.search ? { holdMs: time("hold", "20s") } : undefined,
    requestsPerS: number("requests", 0, 10_000),
    seed: number("seed", 0, 2 ** 31 - 1),
  };
  if (problems.length > 0) throw new KoproError("request_invalid", problems.join("\n"));
  return options;
}

function rateOf(text: string, problems: string[]): number {
  const rate = whole(text, 1, RATE_MAX);
  if (rate === undefined) problems.push(`${text} is not a rate: a whole number from 1 to ${RATE_MAX}`);
  return rate ?? 1;
}

function stepsOf(text: string, problems: string[]): RatePlan {
  return text.split(",").map((step) => {
    const [rate = "", lasts = ""] = step.split(":");
    const lastsMs = timeMs(lasts);
    if (lastsMs === undefined)
      problems.push(`--steps: ${step} is not a rate with its time, such as 5000:30s`);
    const perS = rateOf(rate, problems);
    return { fromPerS: perS, toPerS: perS, lastsMs: lastsMs ?? 1 };
  });
}

function stormsOf(everyMs: number, jitterMs: number, endMs: number): Storm[] {
  const count = Math.ceil(endMs / everyMs) - 1;
  return Array.from({ length: Math.max(0, count) }, (_, nth) => ({ atMs: (nth + 1) * everyMs, jitterMs }));
}
