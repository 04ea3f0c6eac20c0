// Processes and services struck while a story is told: killed or frozen for a moment, all connections cut at once.
import { setTimeout as sleep } from "node:timers/promises";
import { SECOND_MS } from "#devices/time";
import type { FaultBed } from "../faults/bed.ts";
import { inject } from "../faults/inject.ts";
import type { Fault } from "../faults/schedule.ts";
import type { FaultRates } from "../story/fault-kinds.ts";
import type { Random } from "../world/random.ts";

const KILLS: readonly Fault[] = [
  "kill-broker",
  "kill-worker",
  "kill-postgres",
  "kill-session",
  "restart-postgres",
  "kill-redis",
  "flush-redis",
];
/** A store that is slow answers nothing for a while, and then all of it. */
const STALLS: readonly Fault[] = ["pause-postgres", "pause-redis", "pause-broker"];
const PAUSE_MOST_MS = 3 * SECOND_MS;
const HOLD_MOST_MS = 1500;

/** Strikes again and again, with pauses of up to three seconds; resolves with what it did, once stopped and all is up again. */
export async function strikeUntil(
  stopped: AbortSignal,
  bed: FaultBed,
  rates: FaultRates,
  random: Random,
): Promise<Fault[]> {
  const faults = [...(rates.has("kill") ? KILLS : []), ...(rates.has("slow") ? STALLS : [])];
  const done: Fault[] = [];
  while (!stopped.aborted) {
    await sleep(random.below(PAUSE_MOST_MS), undefined, { signal: stopped }).catch(() => undefined);
    const fault = faults[random.below(faults.length)];
    if (stopped.aborted || fault === undefined) break;
    const step = { fault, atMs: 0, holdMs: 100 + random.below(HOLD_MOST_MS), nth: random.below(16) };
    await inject(bed, { steps: [step], brokerCount: 1 });
    done.push(fault);
  }
  return done;
}
