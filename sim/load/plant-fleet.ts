// Puts a fleet into the store of throw-away services, where registering it through the API would take an hour.
import { createHash, randomBytes } from "node:crypto";
import { plantDevices, type Pool } from "#store";
import { metersOf, type Fleet, type FleetPlan } from "./fleet.ts";
import { meterName, PROFILE_OF_KIND } from "./meter-packets.ts";

export type PlantedFleet = Fleet & { readonly buildingIds: readonly string[] };

const SECRET_BYTES = 16;

export async function plantFleet(pool: Pool, plan: FleetPlan): Promise<PlantedFleet> {
  const passwords = Array.from({ length: plan.connections }, () =>
    randomBytes(SECRET_BYTES).toString("base64url"),
  );
  const { buildingIds, connectionIds } = await plantDevices(pool, {
    profile: PROFILE_OF_KIND[plan.kind],
    secretHashes: passwords.map((password) => createHash("sha256").update(password).digest()),
    connectionsPerBuilding: plan.perBuilding,
    dwellingsPerBuilding: Math.ceil(plan.meters / plan.connections) * plan.perBuilding,
    meterNames: Array.from({ length: plan.meters }, (_, meter) => meterName(meter)),
  });
  return {
    kind: plan.kind,
    buildingIds: buildingIds.map(String),
    connections: passwords.map((password, nth) => ({
      username: String(connectionIds[nth]),
      password,
      meters: metersOf(plan, nth),
    })),
  };
}
