// The worker on Redis: a job wakes it, a scheduler sweeps every few seconds, and both are only a reason to look.
import { Queue, Worker, type Job, type RepeatOptions } from "bullmq";
import { SECOND_MS } from "#devices/time";
import { connectRedis, PROFILE_JOB_OPTIONS, PROFILE_JOBS, PROFILE_QUEUE } from "../jobs.ts";
import type { Drain } from "./drain-journal.ts";
import type { WorkerMetrics } from "./metrics.ts";

export type WorkerLog = {
  readonly info: (fields: object, message: string) => void;
  readonly warn: (fields: object, message: string) => void;
};

export type ProfileWorker = {
  readonly close: () => Promise<void>;
  /** Whether Redis can be reached. */
  readonly isConnected: () => boolean;
};

const SWEEP_EVERY_MS = 5 * SECOND_MS;
/** By the clock. Second, minute, hour … */
const TENDERS_AT = "0 1 * * * *";
const POLICIES_AT = "30 * * * * *";
const ESTIMATES_AT = "45 * * * * *";

/**
 * Starts at once and never gives up: while Redis is away it reconnects; after a flush the schedulers are registered again
 * with the next tick. `close` lets the batch in hand finish.
 */
export function startWorker(options: {
  readonly redisUrl: string;
  readonly drain: Drain;
  /** Returns how many tenders came into force. */
  readonly advanceTenders: () => Promise<number>;
  /** Returns how much was deleted. */
  readonly applyPolicies: () => Promise<number>;
  /** Returns how many days were estimated. */
  readonly estimate: (signal: AbortSignal) => Promise<number>;
  readonly log: WorkerLog;
  readonly metrics?: Pick<WorkerMetrics, "jobsFailed">;
  readonly sweepEveryMs?: number;
  /** Cron with seconds, as the next one. */
  readonly tendersAt?: string;
  readonly policiesAt?: string;
  readonly estimatesAt?: string;
}): ProfileWorker {
  const { redisUrl, drain, advanceTenders, applyPolicies, estimate, log, metrics } = options;
  const { sweepEveryMs = SWEEP_EVERY_MS, tendersAt = TENDERS_AT, policiesAt = POLICIES_AT } = options;
  const { estimatesAt = ESTIMATES_AT } = options;
  const stopping = new AbortController();
  const redis = connectRedis(redisUrl);
  const report = onceUntilReady(redis, log);
  const queue = new Queue(PROFILE_QUEUE, { connection: redis });
  const work = (job: Job): Promise<unknown> => {
    if (job.name === PROFILE_JOBS.tenders) return advanceTenders();
    if (job.name === PROFILE_JOBS.policies) return applyPolicies();
    if (job.name === PROFILE_JOBS.estimates) return estimate(stopping.signal);
    return drain(stopping.signal);
  };
  const worker = new Worker(PROFILE_QUEUE, work, {
    connection: redis,
    // One job at a time: it works until nothing is due. Another process is the way to use another core.
    concurrency: 1,
    // A worker that was killed holds no work (its transaction is gone): its job may run again soon, however often.
    stalledInterval: 10 * SECOND_MS,
    maxStalledCount: 1_000_000,
  });
  queue.on("error", report);
  worker.on("error", report);
  worker.on("failed", (job, error) => {
    const name = job?.name;
    if (name !== undefined && metrics !== undefined) {
      metrics.jobsFailed[name] = (metrics.jobsFailed[name] ?? 0) + 1;
    }
    log.warn({ err: error, job: name }, "a job failed; what it left undone is tried again soon");
  });

  const schedulers: readonly (readonly [string, RepeatOptions])[] = [
    [PROFILE_JOBS.sweep, { every: sweepEveryMs }],
    [PROFILE_JOBS.tenders, { pattern: tendersAt }],
    [PROFILE_JOBS.policies, { pattern: policiesAt }],
    [PROFILE_JOBS.estimates, { pattern: estimatesAt }],
  ];
  const register = singleFlight(async () => {
    for (const [name, repeat] of schedulers) {
      if (!(await isScheduled(queue, name, repeat)))
        await queue.upsertJobScheduler(name, repeat, { name, opts: PROFILE_JOB_OPTIONS });
    }
  }, report);
  register();
  const timer = setInterval(register, sweepEveryMs);

  return {
    isConnected: () => redis.status === "ready",
    close: async () => {
      stopping.abort();
      clearInterval(timer);
      if (redis.status === "ready") await worker.close();
      else await worker.close(true);
      await queue.close();
      redis.disconnect();
    },
  };
}

/** Registering again takes away the job that is due and waits for a worker at work, and puts the next in its place. */
async function isScheduled(queue: Queue, name: string, repeat: RepeatOptions): Promise<boolean> {
  const known = await queue.getJobScheduler(name);
  if (known?.pattern !== repeat.pattern || known?.every !== repeat.every) return false;
  const next = await queue.getJob(`repeat:${name}:${known?.next}`);
  return next !== undefined && next.finishedOn === undefined;
}

/** Failed attempts to connect come by the second: said once, and once when it works again. */
function onceUntilReady(redis: ReturnType<typeof connectRedis>, log: WorkerLog): (error: unknown) => void {
  let away = false;
  const report = (error: unknown) => {
    if (away) return;
    away = true;
    log.warn({ err: error }, "Redis cannot be reached; profiles wait until it can");
  };
  redis.on("error", report);
  redis.on("ready", () => {
    if (away) log.info({}, "Redis is there again");
    away = false;
  });
  return report;
}

/** While Redis is away a command waits for it: a second one would only pile up. */
function singleFlight(work: () => Promise<void>, report: (error: unknown) => void): () => void {
  let running = false;
  return () => {
    if (running) return;
    running = true;
    work()
      .catch(report)
      .finally(() => (running = false));
  };
}
