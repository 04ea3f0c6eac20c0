// How many messages wait, or are marked to be read again, of what is chosen: pure, over the API's summary.
import type { QuarantineFilter, QuarantineReason, QuarantineSummary } from "../data/quarantine.ts";

export function waitingIn(
  { reasons, items }: QuarantineSummary,
  { deviceId, reason }: QuarantineFilter,
): number {
  if (deviceId !== undefined) {
    const device = items.find((item) => item.deviceId === deviceId);
    return (reason === undefined ? device?.waiting : device?.reasons[reason]) ?? 0;
  }
  return reasons
    .filter((one) => reason === undefined || one.reason === reason)
    .reduce((sum, one) => sum + one.waiting, 0);
}

/** Marked to be read again, of all devices: the API counts them by reason alone. */
export function requestedIn({ reasons }: QuarantineSummary, reason: QuarantineReason | undefined): number {
  return reasons
    .filter((one) => reason === undefined || one.reason === reason)
    .reduce((sum, one) => sum + one.requested, 0);
}
