// api.dashboard_mix: what the dashboard asks, at rising rates until the slowest hundredth passes 50 ms.
import { DAY_MS, SECOND_MS, systemTime, utcDay } from "#devices/time";
import { openMemory } from "../demo/memory.ts";
import { ensurePortfolio, type DemoPortfolio } from "../demo/portfolio.ts";
import { ensureStory } from "../demo/story.ts";
import { AWARDED_TENDER } from "../demo/tender-plan.ts";
import { createApiClient, signIn, type ApiClient } from "../portfolio/api-client.ts";
import { startProcess } from "../process.ts";
import { searchRate } from "../load/search-rate.ts";
import { startStack } from "../stack.ts";
import { benchLine, progress, significant, type BenchLine } from "./bench-line.ts";
import { cpuTimeMs } from "./cpu-time.ts";
import { requestWith } from "./request-with.ts";
import type { Asked, RequesterResult } from "./requester.ts";

const P99_MAX_MS = 50;
const WARM_UP_MS = 700;
const MEASURE_MS = 2500;
/** A p99 of fewer is the slowest one; a low rate is measured for longer, within bounds. */
const SAMPLES_MIN = 200;
const MEASURE_MAX_MS = 10_000;
/** Of each side; bounds the time whatever the machine does. */
const STEPS_MAX = 11;
const FIRST_RATE = 20;
const REFERENCE_FIRST_RATE = 400;
/** Rates double until one is too much, then the gap is halved so often. */
const HALVINGS = 3;

type Target = { readonly url: string; readonly pid: number; readonly requests: readonly Asked[] };
type Step = RequesterResult & { readonly rate: number; readonly serverCores: number };

/** The highest rate that keeps p99, and the same by core of the API's process; beside a plain Fastify that answers a constant. */
export async function* benchDashboardMix(services: {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly folder: string;
}): AsyncGenerator<BenchLine> {
  progress("dashboard: a portfolio with a year of history and a tender");
  const stack = await startStack({
    ...services,
    dataDir: services.folder,
    env: { KOPROGO_COHORT_MIN: "3", LOG_LEVEL: "warn" },
  });
  const constant = await startProcess({
    name: "constant",
    entry: "sim/bench/constant-server.ts",
    env: process.env,
  });
  try {
    const requests = await mixOf(stack.apiUrl, stack.admin, services.folder);
    // Nothing comes in: what is left of this machine belongs to the API and its database.
    await stack.broker.kill();
    await stack.analytics.kill();
    const plain = { path: "/", token: undefined, weight: 1 };
    progress("dashboard: a plain Fastify, then ours");
    const reference = await highest(
      { url: constant.ready().http ?? "", pid: constant.pid(), requests: [plain] },
      REFERENCE_FIRST_RATE,
    );
    const ours = await highest({ url: stack.apiUrl, pid: stack.api.pid(), requests }, FIRST_RATE);
    yield* linesOf(ours, reference, requests);
  } catch (error) {
    progress(stack.api.log());
    throw error;
  } finally {
    await constant.kill();
    await stack.stop();
  }
}

function* linesOf(ours: Step, reference: Step, requests: readonly Asked[]): Generator<BenchLine> {
  const of = "a Fastify route that answers a constant JSON, same generator";
  const context = {
    p99MaxMs: P99_MAX_MS,
    p50Ms: significant(ours.p50),
    p99Ms: significant(ours.p99),
    apiCpuCores: significant(ours.serverCores),
    generatorCpuCores: significant(ours.cpuCores),
    referenceP99Ms: significant(reference.p99),
    referenceCpuCores: significant(reference.serverCores),
    referenceGeneratorCpuCores: significant(reference.cpuCores),
    measuredSMin: MEASURE_MS / SECOND_MS,
    arrivals: "open loop, Poisson",
  };
  yield benchLine({
    name: "api.dashboard_mix",
    value: ours.rate,
    unit: "requests/s",
    reference: of,
    referenceValue: reference.rate,
    context: { ...context, weights: weightsOf(requests) },
  });
  yield benchLine({
    name: "api.dashboard_mix_per_core",
    value: ours.rate / ours.serverCores,
    unit: "requests/s per core of the API",
    reference: of,
    referenceValue: reference.rate / reference.serverCores,
    context,
  });
}

/** A rate of 0: not even the slowest one was kept. */
async function highest(target: Target, firstPerS: number): Promise<Step> {
  const { best, limit } = await searchRate(
    { firstPerS, halvings: HALVINGS, stepsMax: STEPS_MAX },
    async (ratePerS, step) => {
      const measured = await measure(target, ratePerS, step);
      progress(`dashboard: ${Math.round(ratePerS)} requests/s, p99 ${measured.p99.toFixed(1)} ms`);
      return { holds: measured.p99 <= P99_MAX_MS, outcome: measured };
    },
  );
  if (best !== undefined) return best.outcome;
  if (limit !== undefined) return { ...limit.outcome, rate: 0 };
  throw new Error("no rate was measured");
}

async function measure({ url, pid, requests }: Target, rate: number, seed: number): Promise<Step> {
  const before = cpuTimeMs(pid);
  const startedMs = performance.now();
  const measureMs = Math.min(MEASURE_MAX_MS, Math.max(MEASURE_MS, (SAMPLES_MIN / rate) * SECOND_MS));
  const task = { url, requests, rate, seed, warmUpMs: WARM_UP_MS, measureMs };
  const result = await requestWith(task);
  const serverCores = (cpuTimeMs(pid) - before) / (performance.now() - startedMs);
  if (result.failed > 0) throw new Error(`${result.failed} requests failed, such as ${result.failure}`);
  return { ...result, rate, serverCores };
}

/** The demo's portfolio through the API, without its meters: their history is there, and nothing moves while we measure. */
async function mixOf(
  apiUrl: string,
  admin: { readonly email: string; readonly password: string },
  folder: string,
): Promise<Asked[]> {
  const stop = new AbortController();
  const api = await signIn(apiUrl, admin.email, admin.password);
  const portfolio = await ensurePortfolio(apiUrl, api, openMemory(folder));
  const historyToMs = Math.floor(systemTime.now() / DAY_MS) * DAY_MS;
  await ensureStory(portfolio, {
    apiUrl,
    api,
    historyToMs,
    time: systemTime,
    stop: stop.signal,
    report: progress,
  });
  return (await askedBy(portfolio, apiUrl, api, historyToMs)).flat();
}

/**
 * Weights are what opening pages costs: a coordinator's overview, ten looks at a building for one at the tender's board,
 * where most looks are at a day and at a month.
 */
async function askedBy(
  { sites, accounts }: DemoPortfolio,
  apiUrl: string,
  admin: ApiClient,
  nowMs: number,
): Promise<Asked[][]> {
  const account = accounts.find(({ role }) => role === "coordinator");
  if (account === undefined) throw new Error("the demo has no coordinator");
  const { token } = await createApiClient(apiUrl).send<{ token: string }>("POST", "/v1/session", {
    email: account.email,
    password: account.password,
  });
  const tenders = await admin.list<{ id: string; name: string }>("/v1/tenders");
  const tender = `/v1/tenders/${tenders.find(({ name }) => name === AWARDED_TENDER.name)?.id}`;
  const span = (days: number) => `from=${utcDay(nowMs - days * DAY_MS)}&to=${utcDay(nowMs)}`;
  const everywhere = [
    [10, "/v1/session"],
    [14, "/v1/buildings"],
    [8, "/v1/tenders"],
    [4, tender],
    [2, `${tender}/participants`],
    [2, `${tender}/dossier`],
    [2, `${tender}/dossier/profile`],
  ] as const;
  const ofBuilding = [
    [10, ""],
    [18, `/load?carrier=electricity&resolution=quarter-hour&${span(1)}`],
    [12, `/load?carrier=electricity&resolution=day&${span(31)}`],
    [6, "/tenders"],
    [6, `/savings?${span(60)}`],
    [6, `/emissions?carrier=electricity&resolution=month&${span(365)}`],
  ] as const;
  return [
    everywhere.map(([weight, path]) => ({ weight, path, token })),
    ...sites.map(({ buildingId }) =>
      ofBuilding.map(([weight, path]) => ({
        weight: weight / sites.length,
        path: `/v1/buildings/${buildingId}${path}`,
        token,
      })),
    ),
  ];
}

/** By kind of request, whichever building it is about. */
function weightsOf(requests: readonly Asked[]): Record<string, number> {
  const weights: Record<string, number> = {};
  for (const { path, weight } of requests) {
    const kind = path.replace(/\/\d+/g, "/{id}").replace(/&from=.*|\?from=.*/, "");
    weights[kind] = significant((weights[kind] ?? 0) + weight);
  }
  return weights;
}
