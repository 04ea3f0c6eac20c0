// Which readings a set of stale days needs: stretches of days of one device, with their neighbourhood.
import { DAY_MS, SECOND_MS } from "#devices/time";
import type { DeviceSpan, StaleDay } from "#store";

/** Days of one device near enough to each other to be read as one span; the stale days of its registers among them. */
export type DeviceStretch = DeviceSpan & { readonly stale: readonly StaleDay[] };

/** `stale` comes by device and day. Spans of one device do not overlap. */
export function deviceStretches(stale: readonly StaleDay[]): DeviceStretch[] {
  const stretches: { deviceId: number; fromMs: number; toMs: number; stale: StaleDay[] }[] = [];
  const reaches = reachByDevice(stale);
  for (const pair of stale) {
    const reachMs = reaches.get(pair.deviceId) ?? 0;
    const fromMs = pair.day * DAY_MS - reachMs;
    const toMs = (pair.day + 1) * DAY_MS + reachMs;
    const last = stretches.at(-1);
    if (last?.deviceId === pair.deviceId && fromMs <= last.toMs) {
      last.toMs = toMs;
      last.stale.push(pair);
    } else {
      stretches.push({ deviceId: pair.deviceId, fromMs, toMs, stale: [pair] });
    }
  }
  return stretches;
}

/** Two bridges to either side (profile-window.ts), of the register that bridges furthest. */
function reachByDevice(stale: readonly StaleDay[]): Map<number, number> {
  const reaches = new Map<number, number>();
  for (const { deviceId, interpolateMaxS } of stale) {
    reaches.set(deviceId, Math.max(reaches.get(deviceId) ?? 0, 2 * interpolateMaxS * SECOND_MS));
  }
  return reaches;
}

/** One register's consecutive stale days, computed as one window. */
export type RegisterWindow = {
  readonly register: StaleDay;
  readonly fromDay: number;
  /** Exclusive. */
  readonly toDay: number;
};

/** By register; days that follow each other are one window. */
export function registerWindows(stale: readonly StaleDay[]): RegisterWindow[] {
  const sorted = [...stale].sort((left, right) => left.registerId - right.registerId || left.day - right.day);
  const windows: { register: StaleDay; fromDay: number; toDay: number }[] = [];
  for (const pair of sorted) {
    const last = windows.at(-1);
    if (last?.register.registerId === pair.registerId && last.toDay >= pair.day) last.toDay = pair.day + 1;
    else windows.push({ register: pair, fromDay: pair.day, toDay: pair.day + 1 });
  }
  return windows;
}
