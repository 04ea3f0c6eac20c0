// How many messages are due when: steady, rising or falling rates one after the other, summed up exactly.

/** Messages a second at the beginning and at the end; between them the rate moves in a straight line. */
export type RateStep = { readonly fromPerS: number; readonly toPerS: number; readonly lastsMs: number };
export type RatePlan = readonly RateStep[];

/** One rate, reached within `rampMs` from nothing. */
export function steadyPlan(messagesPerS: number, lastsMs: number, rampMs = 0): RatePlan {
  const steady = { fromPerS: messagesPerS, toPerS: messagesPerS, lastsMs };
  return rampMs > 0 ? [{ fromPerS: 0, toPerS: messagesPerS, lastsMs: rampMs }, steady] : [steady];
}

export function lengthMs(plan: RatePlan): number {
  return plan.reduce((sum, { lastsMs }) => sum + lastsMs, 0);
}

/** Messages due until then, not rounded; after the end all of them. */
export function dueBy(plan: RatePlan, elapsedMs: number): number {
  let due = 0;
  let leftMs = Math.max(0, elapsedMs);
  for (const { fromPerS, toPerS, lastsMs } of plan) {
    const withinMs = Math.min(leftMs, lastsMs);
    const reachedPerS = fromPerS + ((toPerS - fromPerS) * withinMs) / lastsMs;
    due += ((fromPerS + reachedPerS) / 2) * (withinMs / 1000);
    leftMs -= withinMs;
    if (leftMs <= 0) break;
  }
  return due;
}

/** The same plan for each of `parts` that share it evenly. */
export function sharedPlan(plan: RatePlan, parts: number): RatePlan {
  return plan.map(({ fromPerS, toPerS, lastsMs }) => ({
    fromPerS: fromPerS / parts,
    toPerS: toPerS / parts,
    lastsMs,
  }));
}

/**
 * Called with growing times since the beginning: the moments (ms since then) of the messages that have become due since the
 * last call, in order.
 */
export function createPacer(plan: RatePlan): (elapsedMs: number) => number[] {
  let [lastMs, lastDue, sent] = [0, 0, 0];
  return (elapsedMs) => {
    const due = dueBy(plan, elapsedMs);
    const moments: number[] = [];
    const share = (count: number): number => Math.max(0, (count - lastDue) / (due - lastDue));
    for (; sent + 1 <= due; sent++) moments.push(lastMs + (elapsedMs - lastMs) * share(sent + 1));
    [lastMs, lastDue] = [elapsedMs, due];
    return moments;
  };
}
