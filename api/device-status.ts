// Whether a device still speaks, from when it last did, how often it should, and whether what it speaks through is there.
//
//   never-seen ──▶ online ──its connection ended, and it is late──▶ offline
//                    └─────connected or not, long silent──────────▶ silent
//   behind a gateway that is offline or silent: gateway-offline, so that one cause is one finding
import { MINUTE_MS, SECOND_MS } from "#devices/time";

export const DEVICE_STATUSES = ["never-seen", "online", "silent", "offline", "gateway-offline"] as const;
export type DeviceStatus = (typeof DEVICE_STATUSES)[number];

/** When something was heard, and whether it could be heard now. */
type Signs = {
  readonly lastSeenAt: Date | null;
  readonly expectedIntervalS: number | null;
  readonly connected: boolean;
  /** `null`: it never was connected, or never left. */
  readonly disconnectedAt: Date | null;
};

/** Where nobody said how often a device speaks. */
const INTERVAL_DEFAULT_S = 900;
/** One message late is no silence, and `lastSeenAt` itself is only written once a minute. */
const MISSED_MAX = 3;
const SILENCE_MIN_MS = 3 * MINUTE_MS;
/** What went away is missed sooner: half an interval late, at least the minute for which `lastSeenAt` may be late. */
const LATE_FACTOR = 1.5;
const LATE_MIN_MS = 2 * MINUTE_MS;

/** `gateway`: what the device speaks through; `undefined` for one that connects itself. */
export function deviceStatus(device: Signs, gateway: Signs | undefined, nowMs: number): DeviceStatus {
  if (device.lastSeenAt === null) return "never-seen";
  if (gateway !== undefined) {
    const through = statusAlone(gateway, nowMs);
    if (through === "offline" || through === "silent") return "gateway-offline";
  }
  return statusAlone(device, nowMs);
}

function statusAlone({ lastSeenAt, expectedIntervalS, connected, disconnectedAt }: Signs, nowMs: number) {
  if (lastSeenAt === null) return "never-seen";
  const intervalMs = (expectedIntervalS ?? INTERVAL_DEFAULT_S) * SECOND_MS;
  const silentMs = nowMs - lastSeenAt.getTime();
  const left = !connected && disconnectedAt !== null;
  if (left && silentMs > Math.max(LATE_MIN_MS, LATE_FACTOR * intervalMs)) return "offline";
  return silentMs > Math.max(SILENCE_MIN_MS, MISSED_MAX * intervalMs) ? "silent" : "online";
}
