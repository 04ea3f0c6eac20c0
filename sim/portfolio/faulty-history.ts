// A file of history as nobody wishes for it: days that are missing, a unit that slipped, a meter that stood still, a spike.
import { DAY_MS, HOUR_MS, QUARTER_MS } from "#devices/time";
import type { HistoryPoint, HistorySpan } from "./history-file.ts";

type Fault = {
  /** Days before the end of the file at which it begins, and for how long. */
  readonly daysBefore: number;
  readonly lastsMs: number;
  readonly said: (amount: number, fromMs: number) => number | undefined;
};

const FAULTS: readonly Fault[] = [
  { daysBefore: 150, lastsMs: 9 * DAY_MS, said: () => undefined },
  { daysBefore: 30, lastsMs: 3 * DAY_MS, said: () => undefined },
  // An hour's kWh where Wh belong.
  {
    daysBefore: 24,
    lastsMs: DAY_MS,
    said: (amount, fromMs) => (fromMs % HOUR_MS === 0 ? Math.round(amount / 250) : 0),
  },
  { daysBefore: 17, lastsMs: 7 * HOUR_MS, said: () => 312 },
  // More than the connection carries: the line is refused.
  { daysBefore: 11, lastsMs: QUARTER_MS, said: (amount) => 40 * amount },
];

/** All within what a validation answers at once, but for the first. */
export function withFaultyHistory(told: HistoryPoint, { toMs }: HistorySpan): HistoryPoint {
  return {
    ...told,
    said: (fromMs, amount) => {
      const fault = FAULTS.find(({ daysBefore, lastsMs }) => {
        // In the morning of the day: some of it is neither night nor evening.
        const startMs = toMs - daysBefore * DAY_MS + (lastsMs < DAY_MS ? 8 * HOUR_MS : 0);
        return fromMs >= startMs && fromMs < startMs + lastsMs;
      });
      return fault === undefined ? amount : fault.said(amount, fromMs);
    },
  };
}
