// Which values of a message are readings already, by whatever row: the rest of a message must not bring them again.
import { unpackDecimals, type Decimal } from "#devices/decimal";
import { sqlText, type Db } from "../pool.ts";
import { loadRegisters } from "../readings/registers.ts";

export type StoredValues = {
  readonly has: (
    register: { readonly name: string; readonly equipmentId: string },
    observedAtMs: number,
    value: Decimal,
  ) => boolean;
};

const STORED = sqlText(import.meta.url, "./stored-values.sql");

type Row = { readonly observedAt: Date; readonly registerIds: readonly number[]; readonly values: Buffer };

/** What is stored of a device at these instants, in milliseconds since 1970. */
export async function storedValues(
  db: Db,
  deviceId: number,
  instants: ReadonlySet<number>,
): Promise<StoredValues> {
  const { rows } = await db.query<Row>(STORED, [deviceId, [...instants].map((instant) => new Date(instant))]);
  if (rows.length === 0) return { has: () => false };
  const registers = new Map((await loadRegisters(db, [deviceId])).map((register) => [register.id, register]));
  const known = new Set<string>();
  for (const { observedAt, registerIds, values } of rows) {
    const decimals = unpackDecimals(values);
    for (const [place, id] of registerIds.entries()) {
      const register = registers.get(id);
      const value = decimals[place];
      if (register !== undefined && value !== null && value !== undefined)
        known.add(keyOf(register, observedAt.getTime(), value));
    }
  }
  return { has: (register, observedAtMs, value) => known.has(keyOf(register, observedAtMs, value)) };
}

function keyOf(
  { name, equipmentId }: { readonly name: string; readonly equipmentId: string },
  observedAtMs: number,
  value: Decimal,
): string {
  return `${name}\0${equipmentId}\0${observedAtMs}\0${value}`;
}
