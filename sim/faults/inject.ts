// Carries a schedule's faults out: those of one target one after another, those of several as they come.
import { setTimeout as sleep } from "node:timers/promises";
import type { OwnProcess } from "../process.ts";
import type { FaultBed } from "./bed.ts";
import { TARGET_OF, type Fault, type Schedule, type Step } from "./schedule.ts";

const START_ATTEMPTS_MAX = 20;

/** What of a schedule strikes the product. */
type Strikes = Pick<Schedule, "steps" | "brokerCount">;
type Strike = (bed: FaultBed, step: Step, schedule: Strikes) => Promise<void>;

/** Each leaves its target as it found it: running. */
const STRIKES: Readonly<Record<Fault, Strike>> = {
  "kill-broker": (bed, step, schedule) => killed(brokerOf(bed, step, schedule), step),
  "pause-broker": (bed, step, schedule) => frozen(brokerOf(bed, step, schedule), step),
  "kill-worker": (bed, step) => killed(bed.worker, step),
  "kill-postgres": async ({ postgres }, { holdMs }) => {
    await postgres.kill();
    await sleep(holdMs);
    await postgres.start();
  },
  "kill-session": async ({ postgres }, { holdMs, nth }) => {
    postgres.killSession(nth);
    // It recovers by itself; the next fault strikes it in that.
    await sleep(holdMs);
  },
  "restart-postgres": async ({ postgres }, { holdMs }) => {
    await postgres.stop();
    await sleep(holdMs);
    await postgres.start();
  },
  "pause-postgres": async ({ postgres }, { holdMs }) => {
    postgres.pause();
    await sleep(holdMs);
    postgres.resume();
  },
  "kill-redis": async ({ valkey }, { holdMs }) => {
    await valkey.kill();
    await sleep(holdMs);
    await valkey.start();
  },
  "pause-redis": async ({ valkey }, { holdMs }) => {
    valkey.pause();
    await sleep(holdMs);
    valkey.resume();
  },
  "flush-redis": (bed) => bed.flushRedis(),
};

/** Resolves when the last fault is over and everything runs. */
export async function inject(bed: FaultBed, schedule: Strikes): Promise<void> {
  const startedMs = performance.now();
  const last = new Map<string, Promise<void>>();
  for (const step of schedule.steps) {
    await sleep(Math.max(0, startedMs + step.atMs - performance.now()));
    const target = TARGET_OF[step.fault];
    const before = last.get(target) ?? Promise.resolve();
    const strike = before.then(() => STRIKES[step.fault](bed, step, schedule));
    // Its failure is seen at the end; until then it is not one that nobody handles.
    strike.catch(() => undefined);
    last.set(target, strike);
  }
  await Promise.all(last.values());
  await bed.postgres.ping().catch(() => untilAnswers(bed));
}

async function killed(target: OwnProcess, { holdMs }: Step): Promise<void> {
  await target.kill("SIGKILL");
  await sleep(holdMs);
  await started(target);
}

/** A broker ends itself when there is no database to look at: whoever supervises it starts it again. */
async function started(target: OwnProcess): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await target.restart();
      return;
    } catch (error) {
      if (attempt === START_ATTEMPTS_MAX) throw error;
      await sleep(200);
    }
  }
}

async function frozen(target: OwnProcess, { holdMs }: Step): Promise<void> {
  if (!target.running()) return;
  process.kill(target.pid(), "SIGSTOP");
  await sleep(holdMs);
  if (target.running()) process.kill(target.pid(), "SIGCONT");
}

/** One that devices use. */
function brokerOf({ brokers }: FaultBed, { nth }: Step, { brokerCount }: Strikes): OwnProcess {
  return brokers[nth % brokerCount === 0 ? 0 : 1];
}

/** After a killed session the server recovers for a moment, in which it takes no connections. */
async function untilAnswers({ postgres }: FaultBed): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    await sleep(100);
    const answers = await postgres.ping().then(
      () => true,
      () => false,
    );
    if (answers) return;
  }
  throw new Error("PostgreSQL did not recover from a killed session within ten seconds");
}
