// Puts devices into a migrated database by the ten thousand, as the API would register them one by one: for loads and
// benchmarks on databases that are thrown away.
import type { ProfileId } from "#devices/vocabulary";
import { inTransaction, sqlText, type Pool, type PoolClient } from "../pool.ts";

export type DevicesPlan = {
  readonly profile: ProfileId;
  /** A connection for each. */
  readonly secretHashes: readonly Buffer[];
  readonly connectionsPerBuilding: number;
  readonly dwellingsPerBuilding: number;
  /** Each with a dwelling and a supply point of its own; the n-th speaks through connection n modulo their number. */
  readonly meterNames: readonly string[];
};

export type PlantedDevices = {
  readonly buildingIds: readonly number[];
  /** In the order of the secrets. Where there are more meters than connections they are gateways. */
  readonly connectionIds: readonly number[];
};

const BUILDINGS = sqlText(import.meta.url, "./plant-buildings.sql");
const CONNECTIONS = sqlText(import.meta.url, "./plant-connections.sql");
const METERS = sqlText(import.meta.url, "./plant-meters.sql");
const SUPPLY_POINTS = sqlText(import.meta.url, "./plant-supply-points.sql");
const CHOICES = sqlText(import.meta.url, "./plant-choices.sql");

export async function plantDevices(pool: Pool, plan: DevicesPlan): Promise<PlantedDevices> {
  const planted = await inTransaction(pool, (client) => plant(client, plan));
  // As after a night in production: queries are planned for what is there.
  await pool.query("analyze device, device_credential, unit, supply_point, device_supply_point");
  return planted;
}

async function plant(client: PoolClient, plan: DevicesPlan): Promise<PlantedDevices> {
  const { profile, secretHashes, meterNames, connectionsPerBuilding: perBuilding } = plan;
  const ids = async (text: string, values: readonly unknown[]): Promise<number[]> => {
    const { rows } = await client.query<{ id: number }>(text, [...values]);
    return rows.map(({ id }) => id);
  };
  const isGateway = meterNames.length > secretHashes.length;
  const count = Math.ceil(secretHashes.length / perBuilding);
  const buildingIds = await ids(BUILDINGS, [count, plan.dwellingsPerBuilding]);
  const connectionIds = await ids(CONNECTIONS, [
    buildingIds,
    perBuilding,
    isGateway ? "gateway" : profile,
    secretHashes,
  ]);
  const behind = meterNames.map((_, meter) => connectionIds[meter % connectionIds.length]);
  const meterIds = isGateway ? await ids(METERS, [behind, meterNames, profile]) : connectionIds;
  await client.query(SUPPLY_POINTS, [meterIds, meterNames]);
  await client.query(CHOICES, [meterIds, meterNames]);
  return { buildingIds, connectionIds };
}
