// Devices that speak through a gateway: who they are, and what came before they were known.
import { sqlText, type Db } from "../pool.ts";
import type { DeviceContext } from "./device-context.ts";

/** A claimed device, with the gateway's name for it. */
export type Child = { readonly externalId: string; readonly device: DeviceContext };

const LOAD = sqlText(import.meta.url, "./load-children.sql");
const ADOPT = sqlText(import.meta.url, "./adopt-claimed.sql");

/** The claimed devices of many gateways in one query. */
export async function loadChildren(db: Db, gatewayIds: readonly number[]): Promise<Child[]> {
  const { rows } = await db.query<DeviceContext & { externalId: string }>({
    name: "load-children",
    text: LOAD,
    values: [gatewayIds],
  });
  return rows.map(({ externalId, ...device }) => ({ externalId, device }));
}

/** Gives claimed devices what was kept as unclaimed after their claim, to be read again; returns how many messages. */
export async function adoptClaimed(db: Db, gatewayIds: readonly number[]): Promise<number> {
  const { rowCount } = await db.query({ name: "adopt-claimed", text: ADOPT, values: [gatewayIds] });
  return rowCount ?? 0;
}
