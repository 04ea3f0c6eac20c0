// Whether a building speaks, of what the API says of its devices.
import type { Device } from "./api.ts";

export type DeviceStatus = Device["status"];

/** The best first. */
const ORDER = [
  "online",
  "silent",
  "offline",
  "gateway-offline",
  "never-seen",
] as const satisfies DeviceStatus[];

/** The best of its devices', or `undefined` without any. */
export function buildingStatus(devices: readonly Pick<Device, "status">[]): DeviceStatus | undefined {
  return ORDER.find((status) => devices.some((device) => device.status === status));
}

/** The last instant at which any of the devices was seen. */
export function lastSeenMs(devices: readonly Pick<Device, "lastSeenAt">[]): number | undefined {
  const seen = devices.flatMap(({ lastSeenAt }) => (lastSeenAt === null ? [] : [Date.parse(lastSeenAt)]));
  return seen.length === 0 ? undefined : Math.max(...seen);
}
