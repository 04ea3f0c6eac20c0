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
const CREATE_LAYOUTS = sqlText(import.meta.url, "./create-layouts.sql");
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

/** Registers that a device speaks of; none of them may be there yet, or all. */
export type NeededRegisters = { readonly deviceId: number; readonly specs: readonly RegisterSpec[] };
/** Combinations of registers, each ascending, that a device's messages bring together. */
export type NeededLayouts = {
  readonly deviceId: number;
  readonly layouts: readonly (readonly number[])[];
};

/**
 * Creates those registers that do not exist, up to `registersMax` of each device, assigns each new one to its device's supply
 * point of its carrier, and returns all registers of these devices. All of it happens, or nothing. Running it twice, or in
 * two processes at once, gives the same registers: the devices are locked meanwhile.
 */
export async function createRegisters(
  pool: Pool,
  needs: readonly NeededRegisters[],
  registersMax: number,
): Promise<StoredRegister[]> {
  const deviceIds = needs.map(({ deviceId }) => deviceId);
  const seen = needs.flatMap(({ deviceId, specs }) => specs.map((spec) => ({ deviceId, spec })));
  return inTransaction(pool, async (client) => {
    await lockDevices(client, deviceIds);
    const created = await client.query<{ id: number; tariff: string | null }>(CREATE_REGISTERS, [
      registersMax,
      seen.map(({ deviceId }) => deviceId),
      seen.map(({ spec }) => spec.name),
      seen.map(({ spec }) => spec.equipmentId),
      seen.map(({ spec }) => spec.carrier),
      seen.map(({ spec }) => spec.quantity),
      seen.map(({ spec }) => spec.unit),
      seen.map(({ spec }) => spec.kind),
      seen.map(({ spec }) => spec.tariff),
      seen.map(({ spec }) => spec.direction),
      seen.map(({ spec }) => spec.keepEveryS),
    ]);
    const ids = created.rows.map((row) => row.id);
    if (ids.length > 0) await client.query(ASSIGN_REGISTERS, [ids, QUANTITIES_OF_PROFILES]);
    const parts = created.rows.flatMap(({ id, tariff }) => (tariff === null ? [] : [id]));
    if (parts.length > 0) await client.query(DEMOTE_TOTALS, [parts, QUANTITIES_OF_PROFILES]);
    return loadRegisters(client, deviceIds);
  });
}

/** Creates the layouts that do not exist, up to `layoutsMax` of each device, and returns all layouts of these devices. */
export async function createLayouts(
  pool: Pool,
  needs: readonly NeededLayouts[],
  layoutsMax: number,
): Promise<StoredLayout[]> {
  const deviceIds = needs.map(({ deviceId }) => deviceId);
  const met = needs.flatMap(({ deviceId, layouts }) => layouts.map((ids) => ({ deviceId, ids })));
  return inTransaction(pool, async (client) => {
    await lockDevices(client, deviceIds);
    await client.query(CREATE_LAYOUTS, [
      layoutsMax,
      met.map(({ deviceId }) => deviceId),
      met.map(({ ids }) => `{${ids.join()}}`),
    ]);
    return loadLayouts(client, deviceIds);
  });
}

/** First key of our advisory locks on devices: no other use of advisory locks may take it. */
const DEVICE_SPACE = 0xde71;

/**
 * Two processes that meet the same new registers at once create them one after the other. In the order of their numbers, so
 * that they cannot wait for each other; and not by the devices' rows, which presence changes by the thousand in another order.
 */
export async function lockDevices(client: PoolClient, deviceIds: readonly number[]): Promise<void> {
  await client.query("select pg_advisory_xact_lock($1, id) from unnest($2::integer[]) as id", [
    DEVICE_SPACE,
    deviceIds.toSorted((one, other) => one - other),
  ]);
}
