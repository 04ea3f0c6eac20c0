// A device's registers and layouts: loaded for many devices at once, created when first seen.
import type { RegisterSpec } from "#devices/reading";
import { QUANTITIES_OF_PROFILES } from "./profile-quantities.ts";
import { inTransaction, sqlText, type Db, type Pool, type PoolClient } from "../pool.ts";

export type StoredRegister = {
  readonly id: number;
  readonly deviceId: number;
  readonly name: string;
  readonly equipmentId: string;
  readonly quantity: string;
  readonly unit: string;
  readonly kind: string;
  /** Storage policy: at most one reading in this many seconds is kept; 0 keeps all. */
  readonly keepEveryS: number;
  /** The longest silence that a profile bridges: how far from a day's edge a reading changes the day beyond it. */
  readonly interpolateMaxS: number;
  /** Where it is assigned now, if anywhere. */
  readonly supplyPointId: number | null;
};

export type StoredLayout = {
  readonly id: number;
  readonly deviceId: number;
  /** Ascending. */
  readonly registerIds: readonly number[];
};

const LOAD_REGISTERS = sqlText(import.meta.url, "./load-registers.sql");
const CREATE_REGISTERS = sqlText(import.meta.url, "./create-registers.sql");
const ASSIGN_REGISTERS = sqlText(import.meta.url, "./assign-registers.sql");
const DEMOTE_TOTALS = sqlText(import.meta.url, "./demote-totals.sql");

/**
 * Planned anew each time, like `loadLayouts`: while devices come by the thousand, a plan that was kept since the tables were
 * small reads all of them for each device.
 */
export async function loadRegisters(db: Db, deviceIds: readonly number[]): Promise<StoredRegister[]> {
  const { rows } = await db.query<StoredRegister>(LOAD_REGISTERS, [deviceIds]);
  return rows;
}

export async function loadLayouts(db: Db, deviceIds: readonly number[]): Promise<StoredLayout[]> {
  const { rows } = await db.query<StoredLayout>(
    `select id, device_id as "deviceId", register_ids as "registerIds" from layout where device_id = any($1::integer[])`,
    [deviceIds],
  );
  return rows;
}

/**
 * Creates those registers of a device that do not exist, up to `registersMax` in all, assigns each new one to the
 * device's supply point of its carrier, and returns all registers of the device. Running it twice, or in two
 * processes at once, gives the same registers: the device's row is locked meanwhile.
 */
export async function createRegisters(
  pool: Pool,
  deviceId: number,
  specs: readonly RegisterSpec[],
  registersMax: number,
): Promise<StoredRegister[]> {
  return inTransaction(pool, async (client) => {
    await lockDevice(client, deviceId);
    const created = await client.query<{ id: number; tariff: string | null }>(CREATE_REGISTERS, [
      deviceId,
      registersMax,
      specs.map((spec) => spec.name),
      specs.map((spec) => spec.equipmentId),
      specs.map((spec) => spec.carrier),
      specs.map((spec) => spec.quantity),
      specs.map((spec) => spec.unit),
      specs.map((spec) => spec.kind),
      specs.map((spec) => spec.tariff),
      specs.map((spec) => spec.direction),
      specs.map((spec) => spec.keepEveryS),
    ]);
    const ids = created.rows.map((row) => row.id);
    if (ids.length > 0) await client.query(ASSIGN_REGISTERS, [ids, QUANTITIES_OF_PROFILES]);
    if (created.rows.some((row) => row.tariff !== null)) {
      await client.query(DEMOTE_TOTALS, [deviceId, ids, QUANTITIES_OF_PROFILES]);
    }
    return loadRegisters(client, [deviceId]);
  });
}

/** Creates the layouts that do not exist, up to `layoutsMax` in all, and returns all layouts of the device. */
export async function createLayouts(
  pool: Pool,
  deviceId: number,
  layouts: readonly (readonly number[])[],
  layoutsMax: number,
): Promise<StoredLayout[]> {
  return inTransaction(pool, async (client) => {
    await lockDevice(client, deviceId);
    for (const registerIds of layouts) {
      await client.query(
        `insert into layout (device_id, register_ids)
         select $1, $2::integer[]
         where (select count(*) from layout where device_id = $1) < $3
         on conflict do nothing`,
        [deviceId, registerIds, layoutsMax],
      );
    }
    return loadLayouts(client, [deviceId]);
  });
}

/** Two processes that meet the same new register at once do it one after the other. */
/** Two changes of one device follow each other. */
export async function lockDevice(client: PoolClient, deviceId: number): Promise<void> {
  await client.query("select 1 from device where id = $1 for no key update", [deviceId]);
}
