// Whether a device speaks as often as it said it would.

export type DeviceStatus = "live" | "late" | "silent" | "waiting";

type Seen = { readonly lastSeenAt: string | null; readonly expectedIntervalS: number | null };

/** What a device of unknown rhythm is held to, as in the API. */
const DEFAULT_INTERVAL_S = 900;
const GRACE_MS = 60_000;

/** `live` within three of its intervals (and a minute), `late` within thirty, `silent` after, `waiting` if never seen. */
export function deviceStatus({ lastSeenAt, expectedIntervalS }: Seen, nowMs: number): DeviceStatus {
  if (lastSeenAt === null) return "waiting";
  const intervalMs = (expectedIntervalS ?? DEFAULT_INTERVAL_S) * 1000;
  const silenceMs = nowMs - Date.parse(lastSeenAt);
  if (silenceMs <= 3 * intervalMs + GRACE_MS) return "live";
  return silenceMs <= 30 * intervalMs + GRACE_MS ? "late" : "silent";
}

/** The building's: the best of its devices', or `undefined` without any. */
export function buildingStatus(devices: readonly Seen[], nowMs: number): DeviceStatus | undefined {
  const statuses = devices.map((device) => deviceStatus(device, nowMs));
  return (["live", "late", "silent", "waiting"] as const).find((status) => statuses.includes(status));
}

/** The last instant at which any of the devices was seen. */
export function lastSeenMs(devices: readonly Seen[]): number | undefined {
  const seen = devices.flatMap(({ lastSeenAt }) => (lastSeenAt === null ? [] : [Date.parse(lastSeenAt)]));
  return seen.length === 0 ? undefined : Math.max(...seen);
}
