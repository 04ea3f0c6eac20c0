// How far the past of a claimed device is read: pure, over the counts that quarantine gives.
import type { DeviceCount } from "../data/quarantine.ts";

export type ReplayProgress = {
  readonly total: number;
  /** Readings now. */
  readonly read: number;
  /** Read again, and not to be read still: they wait, with another reason. */
  readonly refused: number;
  readonly done: boolean;
};

/** Messages of a claimed device wait as `device_unclaimed` until they are read again. `undefined` count: nothing of it is kept. */
export function replayProgress(total: number, count: DeviceCount | undefined): ReplayProgress {
  if (count === undefined) return { total, read: 0, refused: 0, done: true };
  const untouched = count.reasons["device_unclaimed"] ?? 0;
  const refused = count.waiting - untouched;
  return {
    total: Math.max(total, count.waiting + count.replayed),
    read: count.replayed,
    refused,
    done: untouched === 0,
  };
}
