// The newest value of every register of some devices: what a live page shows before the first message arrives.
import { unpackDecimals, type Decimal } from "#devices/decimal";
import { sqlText, type Db } from "../pool.ts";

/** One register's value, in the shape of the live tap. */
export type LiveEntry = {
  readonly registerId: number;
  readonly deviceId: number;
  readonly supplyPointId: number | null;
  readonly name: string;
  readonly quantity: string;
  readonly unit: string;
  readonly value: Decimal;
  /** RFC 3339, UTC. */
  readonly observedAt: string;
};

type RegisterOfRow = Omit<LiveEntry, "value" | "observedAt" | "deviceId">;
type Row = { device_id: number; observed_at: Date; values: Buffer; registers: (RegisterOfRow | null)[] };

const LATEST = sqlText(import.meta.url, "./latest-readings.sql");

/** The newest reading of each register since `sinceMs`; registers that were silent since then are absent. */
export async function latestReadings(
  db: Db,
  deviceIds: readonly number[],
  sinceMs: number,
): Promise<LiveEntry[]> {
  const { rows } = await db.query<Row>(LATEST, [deviceIds, new Date(sinceMs)]);
  const newest = new Map<number, LiveEntry>();
  for (const row of rows) {
    const observedAt = row.observed_at.toISOString();
    for (const [position, value] of unpackDecimals(row.values).entries()) {
      const register = row.registers[position];
      if (value === null || register === null || register === undefined) continue;
      const known = newest.get(register.registerId);
      if (known !== undefined && known.observedAt >= observedAt) continue;
      newest.set(register.registerId, { ...register, deviceId: row.device_id, value, observedAt });
    }
  }
  return [...newest.values()];
}
