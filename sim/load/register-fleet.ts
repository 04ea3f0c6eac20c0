// Registers a fleet through the API: buildings, supply points, devices; and claims the meters behind gateways once they spoke.
import { randomBytes } from "node:crypto";
import type { ApiClient } from "../portfolio/api-client.ts";
import { metersOf, type Fleet, type FleetConnection, type FleetPlan } from "./fleet.ts";
import { meterName, PROFILE_OF_KIND } from "./meter-packets.ts";

type Named = { readonly id: string };

export type RegisteredFleet = Fleet & {
  readonly buildingIds: readonly string[];
  /** By meter; of those behind gateways once they are claimed. */
  readonly deviceIds: Map<number, string>;
  readonly supplyPointIds: ReadonlyMap<number, string>;
};

const AT_ONCE = 4;
const TELL_EVERY = 1000;

/** Under a name of its own, so that a fleet is never another's. Each meter has a supply point of its own. */
export async function registerFleet(
  api: ApiClient,
  plan: FleetPlan,
  report: (text: string) => void,
): Promise<RegisteredFleet> {
  const label = `Load ${randomBytes(3).toString("hex")}`;
  const organisation = await api.send<Named>("POST", "/v1/organisations", {
    name: label,
    kind: "coordinator",
  });
  const isGateway = plan.meters > plan.connections;
  const buildingIds: string[] = [];
  for (let nth = 0; nth * plan.perBuilding < plan.connections; nth++) {
    const building = await api.send<Named>(
      "POST",
      "/v1/buildings",
      buildingOf(`${label} ${nth}`, organisation.id),
    );
    buildingIds.push(building.id);
  }
  const deviceIds = new Map<number, string>();
  const supplyPointIds = new Map<number, string>();
  const connections: FleetConnection[] = [];
  await each(plan.connections, async (nth) => {
    const path = `/v1/buildings/${buildingIds[Math.floor(nth / plan.perBuilding)]}`;
    const meters = metersOf(plan, nth);
    for (const meter of meters) {
      const point = { carrier: "electricity", direction: "both", scope: "common", vatRate: 0.06 };
      supplyPointIds.set(meter, (await api.send<Named>("POST", `${path}/supply-points`, point)).id);
    }
    const [meter = 0] = meters;
    const device = await api.send<Named & { secret: string }>("POST", `${path}/devices`, {
      name: isGateway ? `gateway ${nth}` : meterName(meter),
      profile: isGateway ? "gateway" : PROFILE_OF_KIND[plan.kind],
      ...(isGateway ? {} : { supplyPoints: { electricity: supplyPointIds.get(meter) } }),
    });
    if (!isGateway) deviceIds.set(meter, device.id);
    connections[nth] = { username: device.id, password: device.secret, meters };
    if ((nth + 1) % TELL_EVERY === 0) report(`${nth + 1} of ${plan.connections} connections are registered`);
  });
  return { kind: plan.kind, connections, buildingIds, deviceIds, supplyPointIds };
}

/** What each gateway heard is claimed as the meter that it is. Nothing to do where there are no gateways. */
export async function claimMeters(
  api: ApiClient,
  fleet: RegisteredFleet,
  report: (text: string) => void,
): Promise<void> {
  if (fleet.deviceIds.size > 0) return;
  let claimed = 0;
  await each(fleet.connections.length, async (nth) => {
    const gateway = fleet.connections[nth];
    if (gateway === undefined) return;
    const heard = await api.list<{ id: string; externalId: string }>(
      `/v1/devices/unclaimed?gatewayId=${gateway.username}`,
    );
    for (const meter of gateway.meters) {
      const name = meterName(meter);
      const stranger = heard.find(({ externalId }) => externalId === name);
      if (stranger === undefined)
        throw new Error(`the API has not heard of ${name} behind ${gateway.username}`);
      const device = await api.send<Named>("POST", `/v1/devices/unclaimed/${stranger.id}/claim`, {
        name,
        supplyPoints: { electricity: fleet.supplyPointIds.get(meter) },
      });
      fleet.deviceIds.set(meter, device.id);
      claimed += 1;
      if (claimed % TELL_EVERY === 0) report(`${claimed} meters are claimed`);
    }
  });
}

function buildingOf(name: string, organisationId: string): Record<string, unknown> {
  return {
    name,
    address: "Rue de la Charge 1",
    postalCode: "1000",
    country: "BE",
    region: "BE-BRU",
    timezone: "Europe/Brussels",
    dwellings: 50,
    organisationId,
  };
}

/** A few at once, in any order. */
async function each(count: number, work: (nth: number) => Promise<void>): Promise<void> {
  let next = 0;
  const some = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, some));
}
