// Where a supply point is: itself and its building, each asked for once by the page that needs them.
import { readBuilding, readSupplyPoint, type Building, type SupplyPoint } from "./api.ts";

export type Place = { readonly supplyPoint: SupplyPoint; readonly building: Building };
export type Places = { readonly of: (supplyPointId: string) => Promise<Place> };

/** For one page of one reader: kept any longer, it would show one reader what another may see. */
export function createPlaces(): Places {
  const places = new Map<string, Promise<Place>>();
  const buildings = new Map<string, Promise<Building>>();

  async function read(supplyPointId: string): Promise<Place> {
    const supplyPoint = await readSupplyPoint(supplyPointId);
    const building = known(buildings, supplyPoint.buildingId, (id) => readBuilding(id));
    return { supplyPoint, building: await building };
  }
  return { of: (supplyPointId) => known(places, supplyPointId, read) };
}

function known<Value>(
  asked: Map<string, Promise<Value>>,
  id: string,
  read: (id: string) => Promise<Value>,
): Promise<Value> {
  const before = asked.get(id);
  if (before !== undefined) return before;
  const answer = read(id);
  asked.set(id, answer);
  return answer;
}
