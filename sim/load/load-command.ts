// The load command: `npm run sim -- load --meters 100000 --rate 10000 --duration 5m`, one JSON object out, exit code 1 when
// something acknowledged is missing.
import { SECOND_MS, systemTime } from "#devices/time";
import { startThrowAwayServices } from "#services";
import { migrate, openPool, type Pool } from "#store";
import type { Asked } from "../bench/requester.ts";
import { createApiClient, type ApiClient } from "../portfolio/api-client.ts";
import type { RunOptions } from "../run/options.ts";
import { startStack, type Stack } from "../stack.ts";
import { countInApi, countInStore } from "./count-kept.ts";
import { planFleet, type Fleet } from "./fleet.ts";
import { requestsOf } from "./fleet-requests.ts";
import type { LoadTarget } from "./load-connection.ts";
import type { LoadOptions } from "./load-options.ts";
import { createLoadRun, type LoadOutcome, type LoadRun, type LoadStage, type LoadStart } from "./load-run.ts";
import { STEP_MS_OF_KIND } from "./meter-packets.ts";
import { plantFleet } from "./plant-fleet.ts";
import { lengthMs, steadyPlan } from "./rate-plan.ts";
import { claimMeters, registerFleet } from "./register-fleet.ts";
import { searchRate } from "./search-rate.ts";
import { watchUsage } from "./usage.ts";
import { nearestToFull } from "./what-saturated.ts";

export type LoadReport = LoadStart & {
  readonly meters: number;
  readonly connections: number;
  readonly payload: string;
  /** Before the figures: the rate rises from nothing to its first. */
  readonly warmUp?: { readonly lastsMs: number; readonly p99Ms: number };
  /** Of a search, what was found and what was too much. */
  readonly highestPerS?: number;
  readonly tooMuch?: { readonly ratePerS: number; readonly why: readonly string[] };
  /** Of the load, or of the last rate of the search that held. */
  readonly outcome: LoadOutcome | undefined;
  /** Acknowledged, and not there. */
  readonly lost: number;
  /** How many meters that was counted of: all, or some. */
  readonly countedMeters: number;
};

export type LoadEnvironment = { readonly stop: AbortSignal; readonly report: (text: string) => void };

const P99_MAX_MS = SECOND_MS;
const SEARCH = { firstPerS: 500, halvings: 3, stepsMax: 12 };
/** Of the rate that was asked; less of it was answered in time. */
const ACHIEVED_MIN = 0.97;
const WARM_UP_MS_MAX = 15 * SECOND_MS;
const METERS_COUNTED_MAX = 200;
const RATE_LIMITS_OFF = "1000000";

export function isWhole(report: LoadReport): boolean {
  const { outcome, lost } = report;
  return lost === 0 && (outcome?.unacknowledged ?? 0) + (outcome?.dropped ?? 0) === 0;
}

export function runLoad(options: LoadOptions, environment: LoadEnvironment): Promise<LoadReport> {
  return options.target === undefined
    ? onOwnServices(options, environment)
    : onTarget(options, options.target, environment);
}

async function onOwnServices(options: LoadOptions, { report, stop }: LoadEnvironment): Promise<LoadReport> {
  const services = await startThrowAwayServices({ report });
  try {
    await migrate(services.databaseUrl);
    const pool = openPool(services.databaseUrl, { applicationName: "koprogo-load", max: 2 });
    try {
      const plan = planFleet(options.kind, options.meters, options.connectionsMax);
      report(`${plan.meters} meters behind ${plan.connections} connections are being registered`);
      const fleet = await plantFleet(pool, plan);
      const stack = await startLoadStack(services);
      try {
        return await loadStack(options, { stack, pool, fleet, report, stop });
      } finally {
        await stack.stop();
      }
    } finally {
      await pool.end();
    }
  } finally {
    await services.stop();
  }
}

/** The product on these services with its metrics open; rates are not what is measured, so their limits are out of the way. */
export function startLoadStack(services: {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly folder: string;
}): Promise<Stack> {
  return startStack({
    databaseUrl: services.databaseUrl,
    redisUrl: services.redisUrl,
    dataDir: services.folder,
    env: {
      METRICS_PORT: "0",
      LOG_LEVEL: "warn",
      MQTT_DEVICE_RATE_MAX: RATE_LIMITS_OFF,
      MQTT_BUILDING_RATE_MAX: RATE_LIMITS_OFF,
    },
  });
}

type Own = {
  readonly stack: Stack;
  readonly pool: Pool;
  readonly fleet: Fleet & { readonly buildingIds: readonly string[] };
} & LoadEnvironment;

/** On a stack whose store has this fleet, and nobody else. */
export async function loadStack(
  options: LoadOptions,
  { stack, pool, fleet, report, stop }: Own,
): Promise<LoadReport> {
  const { token } = await createApiClient(stack.apiUrl).send<{ token: string }>(
    "POST",
    "/v1/session",
    stack.admin,
  );
  const fromMs = systemTime.now() - SECOND_MS;
  const before = await countInStore(pool, options.kind, fromMs);
  return carryOut(options, {
    fleet,
    mqttUrl: stack.mqttUrl,
    apiUrl: stack.apiUrl,
    api: createApiClient(stack.apiUrl, { token }),
    token,
    report,
    stop,
    watch: (generatorCpuMs) => watchUsage(stack, pool, generatorCpuMs),
    introduced: () => Promise.resolve(),
    count: async (load) => ({
      lost: Math.max(0, load.kept() + before - (await countInStore(pool, options.kind, fromMs))),
      countedMeters: options.meters,
    }),
  });
}

async function onTarget(
  options: LoadOptions,
  target: NonNullable<RunOptions["target"]>,
  { report, stop }: LoadEnvironment,
): Promise<LoadReport> {
  const api = createApiClient(target.apiUrl, { token: target.token });
  const plan = planFleet(options.kind, options.meters, options.connectionsMax);
  const fleet = await registerFleet(api, plan, report);
  const fromMs = systemTime.now() - SECOND_MS;
  const everyNth = Math.ceil(options.meters / METERS_COUNTED_MAX);
  return carryOut(options, {
    fleet,
    mqttUrl: target.mqttUrl,
    apiUrl: target.apiUrl,
    api,
    token: target.token,
    report,
    stop,
    watch: undefined,
    introduced: () => claimMeters(api, fleet, report),
    count: async (load) => {
      let lost = 0;
      const kept = await load.keptOf(everyNth);
      for (const [meter, count] of kept) {
        const found = await countInApi(api, fleet.deviceIds.get(meter) ?? "", options.kind, {
          fromMs,
          toMs: systemTime.now() + SECOND_MS,
        });
        lost += Math.max(0, count - found);
      }
      return { lost, countedMeters: kept.size };
    },
  });
}

type Ground = {
  readonly fleet: Fleet & { readonly buildingIds: readonly string[] };
  readonly mqttUrl: string;
  readonly apiUrl: string;
  readonly api: ApiClient;
  readonly token: string;
  readonly report: (text: string) => void;
  readonly stop: AbortSignal;
  readonly watch: LoadStage["watch"];
  /** Every meter has spoken once. */
  readonly introduced: () => Promise<void>;
  readonly count: (load: LoadRun) => Promise<Pick<LoadReport, "lost" | "countedMeters">>;
};

async function carryOut(options: LoadOptions, ground: Ground): Promise<LoadReport> {
  const { fleet, report } = ground;
  const load = createLoadRun({
    fleet,
    target: targetOf(ground.mqttUrl),
    processes: options.processes,
    seed: options.seed,
    apiUrl: ground.apiUrl,
    requestsPerS: options.requestsPerS,
    watch: ground.watch,
    report,
    stop: ground.stop,
  });
  try {
    const started = await load.start();
    await ground.introduced();
    report(
      `${fleet.connections.length} connections after ${seconds(started.connectedMs)}, every meter known ${seconds(started.introducedMs)} later`,
    );
    const requests = await requestsOf(ground.api, ground.token, fleet.buildingIds, systemTime.now());
    const found =
      options.search === undefined
        ? await warmThenPlay(load, options, requests)
        : await search(load, requests, options, report);
    return {
      meters: options.meters,
      connections: fleet.connections.length,
      payload: options.kind,
      connectedMs: Math.round(started.connectedMs),
      introducedMs: Math.round(started.introducedMs),
      ...found,
      ...(await ground.count(load)),
    };
  } finally {
    await load.end();
  }
}

/** Code that never ran is slow: the first seconds at full rate are those of the compiler, and are told apart. */
async function warmThenPlay(
  load: LoadRun,
  { plan, storms }: LoadOptions,
  requests: readonly Asked[],
): Promise<Pick<LoadReport, "outcome" | "warmUp">> {
  const lastsMs = Math.min(WARM_UP_MS_MAX, lengthMs(plan) / 4);
  const rising = { fromPerS: 0, toPerS: plan[0]?.toPerS ?? 0, lastsMs };
  const { p99Ms } = await load.play({ plan: [rising], requests: [] });
  return { warmUp: { lastsMs, p99Ms }, outcome: await load.play({ plan, storms, requests }) };
}

/** The highest rate that is answered, in time, and of which nothing waits at the end. */
async function search(
  load: LoadRun,
  requests: readonly Asked[],
  { search: asked, kind, meters }: LoadOptions,
  report: (text: string) => void,
): Promise<Pick<LoadReport, "outcome" | "highestPerS" | "tooMuch">> {
  const highestPerS = (meters * SECOND_MS) / STEP_MS_OF_KIND[kind];
  const { best, limit } = await searchRate({ ...SEARCH, highestPerS }, async (ratePerS) => {
    const plan = steadyPlan(ratePerS, asked?.holdMs ?? 20 * SECOND_MS);
    const outcome = await load.play({ plan, requests });
    const holds = sustains(outcome, ratePerS);
    const told = holds
      ? `hold (p99 ${outcome.p99Ms} ms)`
      : `are too much: ${whyNot(outcome, ratePerS).join("; ")}`;
    report(`${ratePerS} msg/s ${told}`);
    return { holds, outcome };
  });
  return {
    outcome: best?.outcome,
    highestPerS: best?.ratePerS ?? 0,
    ...(limit === undefined
      ? {}
      : { tooMuch: { ratePerS: limit.ratePerS, why: whyNot(limit.outcome, limit.ratePerS) } }),
  };
}

export function sustains(outcome: LoadOutcome, ratePerS: number): boolean {
  const { p99Ms, messagesPerS, unacknowledged, dropped } = outcome;
  return p99Ms < P99_MAX_MS && messagesPerS >= ACHIEVED_MIN * ratePerS && unacknowledged + dropped === 0;
}

function whyNot(outcome: LoadOutcome, ratePerS: number): string[] {
  const { p99Ms, messagesPerS, saturated, usage } = outcome;
  return [
    ...(p99Ms < P99_MAX_MS ? [] : [`p99 ${p99Ms} ms`]),
    ...(messagesPerS >= ACHIEVED_MIN * ratePerS ? [] : [`${messagesPerS} msg/s were answered`]),
    ...(saturated.length > 0 || usage === undefined ? saturated : [nearestToFull(usage)]),
  ];
}

/** @throws TypeError where the address is none. */
export function targetOf(mqttUrl: string): LoadTarget {
  const url = new URL(mqttUrl);
  const secure = url.protocol === "mqtts:";
  return { host: url.hostname, port: Number(url.port) || (secure ? 8883 : 1883), secure };
}

const seconds = (ms: number): string => `${(ms / SECOND_MS).toFixed(1)} s`;
