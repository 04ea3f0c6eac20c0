// A device's own clock: ahead or behind for a while, or set wrong and put right again. Pure.

/** Ahead by `shiftMs` (behind where negative) within `[fromMs, toMs)` of true time. */
export type ClockFault = {
  readonly kind: "skew" | "step";
  readonly fromMs: number;
  readonly toMs: number;
  readonly shiftMs: number;
};

export type Moment = {
  /** True time. */
  readonly trueMs: number;
  /** What the device's clock shows then. */
  readonly claimedMs: number;
};

export type DeviceClock = {
  shiftAt(trueMs: number): number;
  /** The true instant at which the clock first showed this. */
  trueOf(claimedMs: number): number;
  /** When the clock shows a multiple of the step (and a bit), within `[fromMs, toMs)` of true time. */
  moments(stepMs: number, fromMs: number, toMs: number, offsetMs?: number): Iterable<Moment>;
};

export function createDeviceClock(faults: readonly ClockFault[]): DeviceClock {
  const shiftAt = (trueMs: number) =>
    faults.findLast(({ fromMs, toMs }) => trueMs >= fromMs && trueMs < toMs)?.shiftMs ?? 0;
  const edges = [...new Set(faults.flatMap(({ fromMs, toMs }) => [fromMs, toMs]))].toSorted((a, b) => a - b);
  const eras = [-Infinity, ...edges].map((fromMs, at) => ({
    fromMs,
    toMs: edges[at] ?? Infinity,
    shiftMs: shiftAt(fromMs),
  }));
  return {
    shiftAt,
    trueOf: (claimedMs) => {
      for (const { fromMs, toMs, shiftMs } of eras) {
        // A clock that was put ahead never showed what it left out: it passed it in that instant.
        if (claimedMs - shiftMs < toMs) return Math.max(fromMs, claimedMs - shiftMs);
      }
      return claimedMs;
    },
    *moments(stepMs, fromMs, toMs, offsetMs = 0) {
      for (const era of eras) {
        const start = Math.max(fromMs, era.fromMs) + era.shiftMs - offsetMs;
        const end = Math.min(toMs, era.toMs) + era.shiftMs - offsetMs;
        for (let at = Math.ceil(start / stepMs) * stepMs; at < end; at += stepMs) {
          yield { trueMs: at + offsetMs - era.shiftMs, claimedMs: at + offsetMs };
        }
      }
    },
  };
}
