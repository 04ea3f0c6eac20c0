// Whether a device still speaks, from when it last did and how often it should.
import { MINUTE_MS, SECOND_MS } from "#devices/time";

export type DeviceStatus = "never-seen" | "online" | "silent";

/** Where nobody said how often a device speaks. */
const INTERVAL_DEFAULT_S = 900;
/** One message late is no silence, and `lastSeenAt` itself is only written once a minute. */
const MISSED_MAX = 3;
const SILENCE_MIN_MS = 3 * MINUTE_MS;

export function deviceStatus(
  device: { readonly lastSeenAt: Date | null; readonly expectedIntervalS: number | null },
  nowMs: number,
): DeviceStatus {
  if (device.lastSeenAt === null) return "never-seen";
  const intervalMs = (device.expectedIntervalS ?? INTERVAL_DEFAULT_S) * SECOND_MS;
  const silentAfterMs = Math.max(SILENCE_MIN_MS, MISSED_MAX * intervalMs);
  return nowMs - device.lastSeenAt.getTime() > silentAfterMs ? "silent" : "online";
}
