// Processes and services struck while a story is told: killed, or frozen for a moment.
import { setTimeout as sleep } from "node:timers/promises";
import { SECOND_MS } from "#devices/time";
import type { FaultBed } from "../faults/bed.ts";
import { inject } from "../faults/inject.ts";
import type { Fault } from "../faults/schedule.ts";
import type { FaultRates } from "../story/fault-kinds.ts";
import type { Random } from "../world/random.ts";
import type { Progress } from "./publish.ts";

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
const STRIKES_MAX = 8;
const HOLD_MOST_MS = 1500;
const LOOK_EVERY_MS = SECOND_MS / 10;

/**
 * Strikes when so much more was acknowledged, up to eight times, so that each one meets a load under way; resolves with what it did,
 * once stopped and all is up again.
 */
export async function strikeUntil(
  stopped: AbortSignal,
  bed: FaultBed,
  { rates, random }: { readonly rates: FaultRates; readonly random: Random },
  progress: () => Progress,
  report: (text: string) => void,
): Promise<Fault[]> {
  const faults = [...(rates.has("kill") ? KILLS : []), ...(rates.has("slow") ? STALLS : [])];
  const done: Fault[] = [];
  let since = 0;
  while (!stopped.aborted && done.length < STRIKES_MAX) {
    await sleep(LOOK_EVERY_MS);
    const { acknowledged, of } = progress();
    if (acknowledged - since < Math.max(1, of / (STRIKES_MAX + 1))) continue;
    const fault = faults[random.below(faults.length)];
    if (fault === undefined) break;
    since = acknowledged;
    const step = { fault, atMs: 0, holdMs: 100 + random.below(HOLD_MOST_MS), nth: random.below(16) };
    report(`after ${acknowledged} acknowledged: ${fault}`);
    await inject(bed, { steps: [step], brokerCount: 1 });
    done.push(fault);
  }
  return done;
}
