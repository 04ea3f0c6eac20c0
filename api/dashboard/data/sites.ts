// A building with its devices and supply points, asked for once by the page that speaks of several.
import {
  listDevices,
  listSupplyPoints,
  readBuilding,
  type Building,
  type Device,
  type SupplyPoint,
} from "./api.ts";

export type Site = {
  readonly building: Building;
  readonly devices: readonly Device[];
  readonly supplyPoints: readonly SupplyPoint[];
};

export async function readSite(buildingId: string, signal: AbortSignal): Promise<Site> {
  const [building, devices, supplyPoints] = await Promise.all([
    readBuilding(buildingId, signal),
    listDevices(buildingId, signal),
    listSupplyPoints(buildingId, signal),
  ]);
  return { building, devices, supplyPoints };
}

/** Of several buildings, each once. */
export async function readSites(
  buildingIds: Iterable<string>,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Site>> {
  const ids = [...new Set(buildingIds)];
  const sites = await Promise.all(ids.map((id) => readSite(id, signal)));
  return new Map(
    ids.flatMap((id, index) => (sites[index] === undefined ? [] : [[id, sites[index]] as const])),
  );
}
