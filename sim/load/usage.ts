// Who used the machine while a load ran: the CPU of each process of the product, the disk, the journal's lag, the broker's heap.
import { availableParallelism, loadavg } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { readJournalBacklog, serverProcess, type Pool } from "#store";
import { metricOf } from "../bench/bench-broker.ts";
import { cpuTimeMs, familyCpuTimeMs, machineTimes, parentOf } from "../bench/cpu-time.ts";
import { median, third } from "../bench/thirds.ts";
import type { Stack } from "../stack.ts";

export type Usage = {
  /** Cores used on average, by process; `others`: what of the machine went to nobody of ours. */
  readonly cores: Readonly<Record<Consumer, number>>;
  readonly machineCores: number;
  /** Share of the time in which the busiest disk was busy. */
  readonly diskBusy: number;
  readonly loadAverage: number;
  /** Of the journal: how long the oldest row could have been taken, s; medians of the thirds of the time, and the worst. */
  readonly journalLagS: readonly [first: number, second: number, last: number, worst: number];
  readonly journalRows: number;
  /** The broker's heap, MiB: medians of the first and the last third. */
  readonly heapMiB: readonly [first: number, last: number];
};

export type Consumer = "broker" | "analytics" | "api" | "postgres" | "generator" | "others";

const LOOK_EVERY_MS = 1000;
const MIB = 2 ** 20;

/** Watches from now on until `stop` is called. `generatorCpuMs`: of the load's own processes so far. */
export async function watchUsage(
  stack: Pick<Stack, "broker" | "analytics" | "api">,
  pool: Pool,
  generatorCpuMs: () => number,
): Promise<{ readonly stop: () => Promise<Usage> }> {
  const postmaster = parentOf(await serverProcess(pool));
  const cpuMs = (): Record<Exclude<Consumer, "others">, number> => ({
    broker: cpuTimeMs(stack.broker.pid()),
    analytics: cpuTimeMs(stack.analytics.pid()),
    api: cpuTimeMs(stack.api.pid()),
    postgres: familyCpuTimeMs(postmaster),
    generator: generatorCpuMs(),
  });
  const lagS: number[] = [];
  const heap: number[] = [];
  let journalRows = 0;
  // Where the product is too busy to answer there is one sample less.
  const look = async (): Promise<void> => {
    const backlog = await readJournalBacklog(pool);
    lagS.push(backlog.lagS);
    journalRows = Math.max(journalRows, backlog.rowCount);
    heap.push((await metricOf(stack.broker, "nodejs_heap_size_used_bytes")) / MIB);
  };
  const stopped = new AbortController();
  const looked = (async () => {
    while (!stopped.signal.aborted) {
      await look().catch(() => undefined);
      await sleep(LOOK_EVERY_MS, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
  })();
  const [before, machineBefore, startedMs] = [cpuMs(), machineTimes(), performance.now()];
  return {
    stop: async () => {
      const [after, machine, tookMs] = [cpuMs(), machineTimes(), performance.now() - startedMs];
      stopped.abort();
      await looked;
      const used = (who: Exclude<Consumer, "others">): number => (after[who] - before[who]) / tookMs;
      const ours = {
        broker: used("broker"),
        analytics: used("analytics"),
        api: used("api"),
        postgres: used("postgres"),
        generator: used("generator"),
      };
      const all = (machine.busyMs - machineBefore.busyMs) / tookMs;
      const known = Object.values(ours).reduce((sum, cores) => sum + cores, 0);
      return {
        cores: { ...ours, others: Math.max(0, all - known) },
        machineCores: availableParallelism(),
        diskBusy: (machine.diskBusyMs - machineBefore.diskBusyMs) / tookMs,
        loadAverage: loadavg()[0] ?? 0,
        journalLagS: [
          median(third(lagS, 0)),
          median(third(lagS, 1)),
          median(third(lagS, 2)),
          Math.max(0, ...lagS),
        ],
        journalRows,
        heapMiB: [median(third(heap, 0)), median(third(heap, 2))],
      };
    },
  };
}
