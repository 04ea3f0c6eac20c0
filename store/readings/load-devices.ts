// What devices' messages need to be read, for those whose identity somebody else has verified: many in one query.
import { sqlText, type Db } from "../pool.ts";
import type { DeviceContext } from "./device-context.ts";

const LOAD = sqlText(import.meta.url, "./load-devices.sql");

/** The devices with these identifiers, in no order; unknown and removed ones are missing. */
export async function loadDevices(db: Db, deviceIds: readonly number[]): Promise<DeviceContext[]> {
  const { rows } = await db.query<DeviceContext>({ name: "load-devices", text: LOAD, values: [deviceIds] });
  return rows;
}
