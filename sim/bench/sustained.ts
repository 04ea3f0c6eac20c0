// sustained.senml and sustained.p1: a rate held by the whole product at once (broker, ingest, workers that roll up, an API that is
// asked), with nothing lost; and, where it does not hold, the highest rate that does and what was full.
import { loadavg } from "node:os";
import { MINUTE_MS, SECOND_MS } from "#devices/time";
import { startMosquitto } from "#services";
import { openPool } from "#store";
import { planFleet } from "../load/fleet.ts";
import { isWhole, loadStack, startLoadStack, sustains, type LoadReport } from "../load/load-command.ts";
import { readLoadOptions, type LoadOptions } from "../load/load-options.ts";
import { createLoadRun } from "../load/load-run.ts";
import { VALUES_OF_KIND, type PayloadKind } from "../load/meter-packets.ts";
import { plantFleet, type PlantedFleet } from "../load/plant-fleet.ts";
import { steadyPlan } from "../load/rate-plan.ts";
import { journalGrows } from "../load/what-saturated.ts";
import type { BenchServices } from "./bench-broker.ts";
import { benchLine, progress, significant, type BenchLine } from "./bench-line.ts";

export type Sustained = {
  readonly name: string;
  readonly kind: PayloadKind;
  readonly ratePerS: number;
  readonly meters: number;
  readonly lastsMs: number;
  /** Where the rate does not hold, look for the one that does. */
  readonly searches: boolean;
};

const LONG = { ratePerS: 10_000, meters: 10_000, lastsMs: 5 * MINUTE_MS, searches: true };
const SHORT = { ratePerS: 2000, meters: 2000, lastsMs: 20 * SECOND_MS, searches: false };

/** What was asked for, five minutes each; and a glimpse of it. */
export const SUSTAINED_LONG: readonly Sustained[] = [
  { name: "sustained.senml", kind: "senml", ...LONG },
  { name: "sustained.p1", kind: "p1", ...LONG },
];
export const SUSTAINED_SHORT: readonly Sustained[] = [
  { name: "sustained.senml_20s", kind: "senml", ...SHORT },
  { name: "sustained.p1_20s", kind: "p1", ...SHORT },
];

const REFERENCE_MS = 10 * SECOND_MS;
const NEVER = new AbortController().signal;

export async function* benchSustained(services: BenchServices, line: Sustained): AsyncGenerator<BenchLine> {
  const { kind, ratePerS, meters, lastsMs } = line;
  const asked = `--payload ${kind} --meters ${meters} --rate ${ratePerS} --duration ${lastsMs / SECOND_MS}s`;
  const options = readLoadOptions(asked.split(" "));
  const pool = openPool(services.databaseUrl, { applicationName: "koprogo-bench", max: 2 });
  try {
    const fleet = await plantFleet(pool, planFleet(kind, meters, options.connectionsMax));
    progress(`${line.name}: ${ratePerS} messages a second from ${meters} meters: Mosquitto`);
    const mosquittoP99Ms = await referenceP99Ms(services, fleet, options);
    const stack = await startLoadStack(services);
    try {
      const own = { stack, pool, fleet, stop: NEVER, report: progress };
      progress(`${line.name}: ours, for ${lastsMs / SECOND_MS} s`);
      const report = await loadStack(options, own);
      const holds = isWhole(report) && report.outcome !== undefined && sustains(report.outcome, ratePerS);
      const found =
        holds || !line.searches
          ? undefined
          : await loadStack({ ...options, search: { holdMs: 20 * SECOND_MS } }, own);
      yield lineOf(line, report, holds, found, mosquittoP99Ms);
    } finally {
      await stack.stop();
    }
  } finally {
    await pool.end();
  }
}

function lineOf(
  line: Sustained,
  report: LoadReport,
  holds: boolean,
  found: LoadReport | undefined,
  mosquittoP99Ms: number,
): BenchLine {
  const { outcome } = report;
  const usage = outcome?.usage;
  return benchLine({
    name: line.name,
    value: outcome?.messagesPerS ?? 0,
    unit: "msg/s",
    reference: "asked: held with p99 of PUBACK below 1 s, nothing lost",
    referenceValue: line.ratePerS,
    context: {
      holds,
      seconds: line.lastsMs / SECOND_MS,
      meters: line.meters,
      connections: report.connections,
      valuesPerMessage: VALUES_OF_KIND[line.kind],
      acknowledged: outcome?.acknowledged,
      lost: report.lost,
      unacknowledged: outcome?.unacknowledged,
      p50Ms: outcome?.p50Ms,
      p99Ms: outcome?.p99Ms,
      mosquittoP99Ms,
      worstMs: outcome?.worstMs,
      warmUp: report.warmUp,
      apiP99Ms: outcome?.api?.p99Ms,
      apiFailed: outcome?.api?.failed,
      cpuCores:
        usage &&
        Object.fromEntries(Object.entries(usage.cores).map(([who, used]) => [who, significant(used)])),
      journalLagS: usage?.journalLagS.map(significant),
      journalGrows: usage && journalGrows(usage),
      heapMiB: usage?.heapMiB.map(significant),
      loadAverage: significant(loadavg()[0] ?? 0),
      saturated: outcome?.saturated,
      ...(found === undefined ? {} : { highestPerS: found.highestPerS, tooMuch: found.tooMuch }),
    },
  });
}

/** Of the same messages from the same generator, to a broker that stores nothing. */
async function referenceP99Ms(
  services: BenchServices,
  fleet: PlantedFleet,
  options: LoadOptions,
): Promise<number> {
  const mosquitto = await startMosquitto({ folder: services.folder, report: progress });
  const load = createLoadRun({
    fleet,
    target: { host: "127.0.0.1", port: mosquitto.port, secure: false },
    processes: options.processes,
    seed: options.seed,
    apiUrl: "",
    requestsPerS: 0,
    watch: undefined,
    report: () => undefined,
    stop: NEVER,
  });
  try {
    await load.start();
    const rate = options.plan[0]?.toPerS ?? 0;
    const { p99Ms } = await load.play({ plan: steadyPlan(rate, REFERENCE_MS), requests: [] });
    return p99Ms;
  } finally {
    await load.end();
    await mosquitto.stop();
  }
}
