// What devices said about messages to come: kept with the device, so that a restart reads on where it stopped.
import type { Fact } from "#devices/reading";
import { inTransaction, type Db, type Pool } from "../pool.ts";
import { lockDevices } from "./registers.ts";

export type StoredFact = Fact & { readonly deviceId: number };

export async function loadFacts(db: Db, deviceIds: readonly number[]): Promise<StoredFact[]> {
  const { rows } = await db.query<StoredFact>({
    name: "load-facts",
    text: `select device_id as "deviceId", key, value from device_fact where device_id = any($1::integer[]) order by key`,
    values: [deviceIds],
  });
  return rows;
}

/**
 * Replaces facts by key; one with the value "" is taken off. Beyond `factsMax` of a device new keys are left out. Returns all that
 * the device has then. Running it twice, or in two processes at once, gives the same.
 */
export async function saveFacts(
  pool: Pool,
  deviceId: number,
  facts: readonly Fact[],
  factsMax: number,
): Promise<StoredFact[]> {
  return inTransaction(pool, async (client) => {
    await lockDevices(client, [deviceId]);
    for (const { key, value } of facts) {
      if (value === "") {
        await client.query("delete from device_fact where device_id = $1 and key = $2", [deviceId, key]);
        continue;
      }
      await client.query(
        `insert into device_fact (device_id, key, value)
         select $1, $2, $3
         where (select count(*) from device_fact where device_id = $1 and key <> $2) < $4
         on conflict (device_id, key) do update
         set value = excluded.value, learned_at = now()
         where device_fact.value <> excluded.value`,
        [deviceId, key, value, factsMax],
      );
    }
    return loadFacts(client, [deviceId]);
  });
}
