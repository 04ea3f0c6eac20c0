// What was just committed, as the live tap gets it: references only. Most of it is never shown, so it is put in words late.
import type { Decimal } from "#devices/decimal";
import type { LiveEntry, StoredRegister } from "#store";

/** The values of one device and instant; `layout` is the same object for the same registers of a device. */
export type LiveRow = {
  readonly observedAtMs: number;
  readonly layout: { readonly registers: readonly StoredRegister[] };
  /** In the layout's order. */
  readonly values: readonly Decimal[];
};

/** The latest value of each register in these rows. */
export function liveEntries(rows: Iterable<LiveRow>): LiveEntry[] {
  const latest = new Map<number, { readonly row: LiveRow; readonly entry: LiveEntry }>();
  for (const row of rows) {
    const observedAt = new Date(row.observedAtMs).toISOString();
    for (const [place, register] of row.layout.registers.entries()) {
      const value = row.values[place];
      const known = latest.get(register.id);
      if (value === undefined || (known !== undefined && known.row.observedAtMs > row.observedAtMs)) continue;
      latest.set(register.id, { row, entry: liveEntry(register, value, observedAt) });
    }
  }
  return Array.from(latest.values(), ({ entry }) => entry);
}

function liveEntry(register: StoredRegister, value: Decimal, observedAt: string): LiveEntry {
  const { id, deviceId, supplyPointId, name, quantity, unit } = register;
  return { registerId: id, deviceId, supplyPointId, name, quantity, unit, value, observedAt };
}
