// registered.…: what a fleet costs that is there and hardly speaks: coming up, memory, lists of the API, a roll-up of everybody,
// and a storm in which all of it comes back.
import { loadavg } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { SECOND_MS, systemTime } from "#devices/time";
import { openPool, readJournalBacklog, serverProcess, type Pool } from "#store";
import { planFleet } from "../load/fleet.ts";
import { requestsOf } from "../load/fleet-requests.ts";
import { startLoadStack, targetOf } from "../load/load-command.ts";
import { createLoadRun, type LoadRun } from "../load/load-run.ts";
import { plantFleet } from "../load/plant-fleet.ts";
import { steadyPlan } from "../load/rate-plan.ts";
import { watchUsage } from "../load/usage.ts";
import { createApiClient } from "../portfolio/api-client.ts";
import type { Stack } from "../stack.ts";
import { metricOf, type BenchServices } from "./bench-broker.ts";
import { benchLine, progress, significant, type BenchLine } from "./bench-line.ts";
import { cpuTimeMs, familyCpuTimeMs, parentOf } from "./cpu-time.ts";
import { residentBytes } from "./idle-memory.ts";
import type { Asked } from "./requester.ts";

export type Registered = { readonly name: string; readonly meters: number; readonly connectionsMax: number };

export const REGISTERED_LONG: Registered = {
  name: "registered.100k",
  meters: 100_000,
  connectionsMax: 10_000,
};
export const REGISTERED_SHORT: Registered = { name: "registered.2k", meters: 2000, connectionsMax: 200 };

const REQUESTS_PER_S = 20;
const ASKED_MS = 15 * SECOND_MS;
const STORM = { atMs: 2 * SECOND_MS, jitterMs: 10 * SECOND_MS };
const STORM_MS = 30 * SECOND_MS;
const STORM_RATE_PER_S = 500;
/** What was asked of a storm of ten thousand: back within the jitter and half a minute. */
const BACK_WITHIN_S = 40;
const P99_MAX_MS = 1000;
const CYCLE_WITHIN_MS = 20 * 60 * SECOND_MS;
const NEVER = new AbortController().signal;
const MIB = 2 ** 20;

export async function* benchRegistered(services: BenchServices, line: Registered): AsyncGenerator<BenchLine> {
  const pool = openPool(services.databaseUrl, { applicationName: "koprogo-bench", max: 2 });
  try {
    progress(`${line.name}: ${line.meters} meters`);
    const fleet = await plantFleet(pool, planFleet("senml", line.meters, line.connectionsMax));
    const startedMs = performance.now();
    const stack = await startLoadStack(services);
    const readyMs = performance.now() - startedMs;
    const load = createLoadRun({
      fleet,
      target: targetOf(stack.mqttUrl),
      processes: 2,
      seed: 1,
      apiUrl: stack.apiUrl,
      requestsPerS: REQUESTS_PER_S,
      watch: (generatorCpuMs) => watchUsage(stack, pool, generatorCpuMs),
      report: progress,
      stop: NEVER,
    });
    try {
      yield await comingUp(line, stack, load, readyMs);
      const token = await adminToken(stack);
      const api = createApiClient(stack.apiUrl, { token });
      const requests = await requestsOf(api, token, fleet.buildingIds, systemTime.now());
      yield await asking(line, load, requests);
      yield await storm(line, stack, load);
      yield await rollingUp(line, stack, pool, load);
    } finally {
      await load.end();
      await stack.stop();
    }
  } finally {
    await pool.end();
  }
}

async function comingUp(
  { name, meters, connectionsMax }: Registered,
  stack: Stack,
  load: LoadRun,
  readyMs: number,
): Promise<BenchLine> {
  const before = residentBytes(stack.broker.pid());
  const cpuBeforeMs = cpuTimeMs(stack.broker.pid());
  const { connectedMs, introducedMs } = await load.start();
  const after = residentBytes(stack.broker.pid());
  return benchLine({
    name: `${name}_up`,
    value: meters / ((connectedMs + introducedMs) / SECOND_MS),
    unit: "meters/s from nothing to known: connected, registers made, one message each committed",
    reference: "all within ten minutes",
    referenceValue: meters / 600,
    context: {
      meters,
      connections: Math.min(meters, connectionsMax),
      processesReadyS: significant(readyMs / SECOND_MS),
      connectedS: significant(connectedMs / SECOND_MS),
      introducedS: significant(introducedMs / SECOND_MS),
      brokerCpuS: significant((cpuTimeMs(stack.broker.pid()) - cpuBeforeMs) / SECOND_MS),
      brokerResidentMiB: [before, after].map((bytes) => significant(bytes / MIB)),
      brokerHeapMiB: significant((await metricOf(stack.broker, "nodejs_heap_size_used_bytes")) / MIB),
      residentKiBPerMeter: significant((after - before) / 1024 / meters),
      loadAverage: significant(loadavg()[0] ?? 0),
    },
  });
}

/** Everybody says one more message; then until nothing waits for its profile. A day is written once a minute at most. */
async function rollingUp(
  { name, meters }: Registered,
  stack: Stack,
  pool: Pool,
  load: LoadRun,
): Promise<BenchLine> {
  const postmaster = parentOf(await serverProcess(pool));
  await untilRolledUp(pool);
  const saved = () => metricOf(stack.analytics, "koprogo_analytics_profiles_saved_total");
  const [savedBefore, analyticsBefore, postgresBefore] = [
    await saved(),
    cpuTimeMs(stack.analytics.pid()),
    familyCpuTimeMs(postmaster),
  ];
  const startedMs = performance.now();
  await load.introduce();
  const saidMs = performance.now() - startedMs;
  await untilRolledUp(pool);
  const tookMs = performance.now() - startedMs;
  const days = (await saved()) - savedBefore;
  return benchLine({
    name: `${name}_roll_up`,
    value: tookMs / SECOND_MS,
    unit: "s from everybody's next message to the last profile",
    reference: "the minute that a profile waits at most before it is written again",
    referenceValue: 60,
    context: {
      meters,
      saidWithinS: significant(saidMs / SECOND_MS),
      profilesSaved: days,
      analyticsCpuMsPerProfile: significant((cpuTimeMs(stack.analytics.pid()) - analyticsBefore) / days),
      postgresCpuMsPerProfile: significant((familyCpuTimeMs(postmaster) - postgresBefore) / days),
      loadAverage: significant(loadavg()[0] ?? 0),
    },
  });
}

async function untilRolledUp(pool: Pool): Promise<void> {
  const startedMs = performance.now();
  while ((await readJournalBacklog(pool)).rowCount > 0) {
    if (performance.now() - startedMs > CYCLE_WITHIN_MS) throw new Error("the journal does not become empty");
    await sleep(SECOND_MS);
  }
}

async function asking(
  { name, meters }: Registered,
  load: LoadRun,
  requests: readonly Asked[],
): Promise<BenchLine> {
  const { api } = await load.play({ plan: steadyPlan(1, ASKED_MS), requests });
  return benchLine({
    name: `${name}_lists`,
    value: api?.p99Ms ?? 0,
    unit: "ms, p99 of the API's lists, a building's load, a meter's readings",
    reference: "a second",
    referenceValue: P99_MAX_MS,
    context: {
      meters,
      requestsPerS: REQUESTS_PER_S,
      p50Ms: api?.p50Ms,
      failed: api?.failed,
      loadAverage: significant(loadavg()[0] ?? 0),
    },
  });
}

async function storm({ name, meters }: Registered, stack: Stack, load: LoadRun): Promise<BenchLine> {
  const cpuBeforeMs = cpuTimeMs(stack.broker.pid());
  const outcome = await load.play({
    plan: steadyPlan(Math.min(STORM_RATE_PER_S, meters), STORM_MS),
    storms: [STORM],
    requests: [],
  });
  return benchLine({
    name: `${name}_storm`,
    value: outcome.backAfterS ?? Number.POSITIVE_INFINITY,
    unit: "s until all connections that were cut at once are back",
    reference: `asked: within ${BACK_WITHIN_S} s`,
    referenceValue: BACK_WITHIN_S,
    context: {
      reconnected: outcome.reconnected,
      jitterS: STORM.jitterMs / SECOND_MS,
      errors: outcome.errors,
      saidMeanwhile: outcome.said,
      unacknowledged: outcome.unacknowledged,
      worstMs: outcome.worstMs,
      brokerCpuS: significant((cpuTimeMs(stack.broker.pid()) - cpuBeforeMs) / SECOND_MS),
      loadAverage: significant(loadavg()[0] ?? 0),
    },
  });
}

async function adminToken(stack: Stack): Promise<string> {
  const api = createApiClient(stack.apiUrl);
  return (await api.send<{ token: string }>("POST", "/v1/session", stack.admin)).token;
}
