// A UTC day of a profile as its row keeps it: little-endian int4 energies and a status byte each.
import { DAY_MS, QUARTERS_PER_UTC_DAY, QUARTER_MS } from "#devices/time";
import type { ProfileWindow } from "./profile-window.ts";

export type PackedDay = {
  /** UTC days since 1970. */
  readonly day: number;
  readonly quarters: Buffer;
  readonly statuses: Buffer;
};

/** The bytes of one of the window's days. The window holds the whole day. */
export function packDay(window: ProfileWindow, day: number): PackedDay {
  const first = (day * DAY_MS - window.fromMs) / QUARTER_MS;
  const quarters = Buffer.alloc(4 * QUARTERS_PER_UTC_DAY);
  const statuses = Buffer.alloc(QUARTERS_PER_UTC_DAY);
  for (let slot = 0; slot < QUARTERS_PER_UTC_DAY; slot++) {
    const energy = window.energies[first + slot];
    const status = window.statuses[first + slot];
    if (energy === undefined || status === undefined) throw new RangeError(`day ${day} is not in the window`);
    quarters.writeInt32LE(energy, 4 * slot);
    statuses.writeUInt8(status, slot);
  }
  return { day, quarters, statuses };
}
