// How long to wait before the next attempt to connect: twice as long each time, up to a bound, and never all at once.

export type BackOff = { readonly backOffFirstMs: number; readonly backOffMaxMs: number };

/**
 * Milliseconds before attempt `attempt` (from 1), between half of the step and all of it; `random` in `[0, 1)` spreads
 * consumers that lost their broker in the same moment.
 */
export function backOffMs(attempt: number, limits: BackOff, random: number): number {
  const stepMs = Math.min(limits.backOffFirstMs * 2 ** Math.min(attempt - 1, 30), limits.backOffMaxMs);
  return stepMs / 2 + (stepMs / 2) * random;
}
