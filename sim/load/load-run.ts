// A load on a fleet that is registered: its processes, the API's requests beside them, what it cost whom, and what is there
// at the end of what was acknowledged.
import { SECOND_MS } from "#devices/time";
import type { Asked } from "../bench/requester.ts";
import { requestWith } from "../bench/request-with.ts";
import { significant } from "../bench/bench-line.ts";
import { startCrew, type Crew, type CrewReport } from "./crew.ts";
import type { Fleet } from "./fleet.ts";
import type { LoadTarget } from "./load-connection.ts";
import type { Storm } from "./load-messages.ts";
import { lengthMs, type RatePlan } from "./rate-plan.ts";
import type { Usage } from "./usage.ts";
import { whatSaturated } from "./what-saturated.ts";

export type LoadStage = {
  readonly fleet: Fleet;
  readonly target: LoadTarget;
  readonly processes: number;
  readonly seed: number;
  readonly apiUrl: string;
  /** Of the API meanwhile. */
  readonly requestsPerS: number;
  /** Begins to watch the machine; not there where the product runs elsewhere. */
  readonly watch:
    | ((generatorCpuMs: () => number) => Promise<{ readonly stop: () => Promise<Usage> }>)
    | undefined;
  readonly report: (text: string) => void;
  /** Ends everything: what is under way fails. */
  readonly stop: AbortSignal;
};

export type LoadStart = { readonly connectedMs: number; readonly introducedMs: number };

export type LoadPlay = {
  readonly plan: RatePlan;
  readonly storms?: readonly Storm[];
  /** What the API is asked. */
  readonly requests: readonly Asked[];
};

export type LoadOutcome = {
  readonly said: number;
  readonly acknowledged: number;
  /** At the end, after waiting for them. */
  readonly unacknowledged: number;
  /** Never said: a connection was away for too long. */
  readonly dropped: number;
  readonly errors: Readonly<Record<string, number>>;
  /** Connections opened anew. */
  readonly reconnected: number;
  /** After the last storm, until all were open again; told to the second. */
  readonly backAfterS: number | undefined;
  readonly messagesPerS: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly worstMs: number;
  /** At worst, of the processes that speak. */
  readonly lateMs: number;
  readonly api:
    | { readonly perS: number; readonly p50Ms: number; readonly p99Ms: number; readonly failed: number }
    | undefined;
  readonly usage: Usage | undefined;
  readonly saturated: readonly string[];
};

export type LoadRun = {
  readonly start: () => Promise<LoadStart>;
  /** Everybody says one more message. */
  readonly introduce: () => Promise<void>;
  readonly play: (play: LoadPlay) => Promise<LoadOutcome>;
  /** So far, how many kept times were acknowledged (`KEPT_EVERY_MS`), those of the introduction included. */
  readonly kept: () => number;
  /** The same of some meters, by their numbers. */
  readonly keptOf: (everyNth: number) => Promise<ReadonlyMap<number, number>>;
  readonly end: () => Promise<void>;
};

const DRAIN_MS = 60 * SECOND_MS;
const TELL_EVERY_S = 5;

export function createLoadRun(stage: LoadStage): LoadRun {
  const told = tellProgress(stage);
  const crew = startCrew({ ...stage, onReport: told });
  const end = (): Promise<void> => crew.end();
  stage.stop.addEventListener("abort", () => void end(), { once: true });
  return {
    start: async () => {
      const startedMs = performance.now();
      await crew.connect();
      const connectedMs = performance.now();
      await crew.introduce();
      return { connectedMs: connectedMs - startedMs, introducedMs: performance.now() - connectedMs };
    },
    introduce: async () => {
      await crew.introduce();
    },
    play: (what) => play(stage, crew, what),
    kept: () => crew.report().kept,
    keptOf: (everyNth) => crew.keptOf(everyNth),
    end,
  };
}

async function play(
  stage: LoadStage,
  crew: Crew,
  { plan, storms = [], requests }: LoadPlay,
): Promise<LoadOutcome> {
  let lateMs = 0;
  let backMs: number | undefined;
  const stormMs = storms.at(-1)?.atMs;
  const hear = (now: CrewReport): void => {
    lateMs = Math.max(lateMs, now.lateMs);
    const elapsedMs = performance.now() - startedMs;
    // Within a second of the storm the reports may still be those from before it.
    if (stormMs === undefined || backMs !== undefined || elapsedMs < stormMs + 2 * SECOND_MS) return;
    if (now.open === stage.fleet.connections.length) backMs = elapsedMs - stormMs;
  };
  const watched = await stage.watch?.(() => crew.report().cpuMs);
  const asked =
    stage.requestsPerS > 0 && requests.length > 0
      ? requestWith({
          url: stage.apiUrl,
          requests,
          rate: stage.requestsPerS,
          warmUpMs: 0,
          measureMs: lengthMs(plan),
          seed: stage.seed,
        })
      : undefined;
  const startedMs = performance.now();
  const played = await crew.play({ plan, storms, drainMs: DRAIN_MS, onReport: hear });
  const tookMs = performance.now() - startedMs;
  const usage = await watched?.stop();
  const api = await asked;
  return {
    ...countsOf(played),
    messagesPerS: significant(played.acknowledged / (tookMs / SECOND_MS)),
    lateMs: Math.round(lateMs),
    backAfterS: backMs === undefined ? undefined : significant(backMs / SECOND_MS),
    api: api && {
      perS: stage.requestsPerS,
      p50Ms: significant(api.p50),
      p99Ms: significant(api.p99),
      failed: api.failed,
    },
    usage,
    saturated: usage === undefined ? [] : whatSaturated(usage, { processes: stage.processes, lateMs }),
  };
}

function countsOf(played: CrewReport) {
  const { said, acknowledged, unacknowledged, dropped, errors, opened, latencies } = played;
  return {
    said,
    acknowledged,
    unacknowledged,
    dropped,
    errors,
    reconnected: opened,
    p50Ms: significant(latencies.percentileMs(0.5)),
    p99Ms: significant(latencies.percentileMs(0.99)),
    worstMs: significant(latencies.percentileMs(1)),
  };
}

/** A line every few seconds: what happened since the last one. */
function tellProgress({ report }: LoadStage): (now: CrewReport) => void {
  let seconds = 0;
  let before = 0;
  return (now) => {
    seconds += 1;
    if (seconds % TELL_EVERY_S !== 0) return;
    const perS = Math.round((now.acknowledged - Math.min(before, now.acknowledged)) / TELL_EVERY_S);
    before = now.acknowledged;
    const errors = Object.entries(now.errors).map(([what, count]) => `${count} × ${what}`);
    const latency = `p50 ${significant(now.latest.percentileMs(0.5))} ms, p99 ${significant(now.latest.percentileMs(0.99))} ms`;
    report(
      `${String(perS).padStart(6)} msg/s   ${latency}   ${now.unacknowledged} unacknowledged   ${now.open} connections` +
        `${now.dropped > 0 ? `   ${now.dropped} dropped` : ""}   ${errors.length > 0 ? errors.join(", ") : "no errors"}`,
    );
  };
}
