// A building as the simulator plans it: what is registered through the API, what its devices say, and the truth behind.
import { SECOND_MS } from "#devices/time";
import type { Direction, Purpose } from "#devices/vocabulary";
import { MBUS_FIVE_MINUTES_MS, MBUS_HOURLY_MS } from "../devices/p1-meter.ts";
import { createBuilding, type SimulatedBuilding } from "../world/building.ts";
import type { ElectricityOracle } from "../world/electricity.ts";
import { chance, derive } from "../world/random.ts";
import { connectionCode } from "./connection-code.ts";
import { devicesOf, swapOf } from "./site-devices.ts";
import {
  commonKey,
  dwellingKey,
  unitName,
  type ContractPlan,
  type Site,
  type SiteOptions,
  type SitePlan,
  type SupplyPointPlan,
} from "./site-plan.ts";

export type { Site, SupplyPointPlan } from "./site-plan.ts";

export function createSite(plan: SitePlan, options: SiteOptions): Site {
  const building = createBuilding(options.seed, plan, options.firstDay);
  const supplyPoints = [
    ...commonSupplyPoints(plan, building, options),
    ...dwellingSupplyPoints(plan, building, options),
  ];
  const devices = devicesOf(plan, building, options);
  return { plan, building, supplyPoints, devices, swap: swapOf(plan, building, options) };
}

const CONNECTIONS_KVA = [17.3, 27.7, 43.6, 55.4, 86.6, 110];

/** The next that carries lift and pumps, the cars, and the heat pump on a cold morning; and what the roof delivers at noon. */
function connectionKva({ dwellings, chargers, heating, panelsKwp }: SitePlan): number {
  const takenKva = 8 + 0.3 * dwellings + 7.4 * chargers + (heating === "heat-pump" ? 1.6 * dwellings : 0);
  const neededKva = Math.max(takenKva, panelsKwp);
  return CONNECTIONS_KVA.find((kva) => kva >= neededKva) ?? 110;
}

function commonSupplyPoints(
  plan: SitePlan,
  building: SimulatedBuilding,
  { seed, contractStart }: SiteOptions,
): SupplyPointPlan[] {
  const contract = contractOf(derive(seed, plan.key), contractStart);
  const consents: readonly Purpose[] =
    plan.undecided === true ? ["load-profile"] : ["load-profile", "tender"];
  const { gas, water } = building;
  const points: SupplyPointPlan[] = [
    {
      key: "electricity",
      carrier: "electricity",
      direction: plan.panelsKwp > 0 ? "both" : "import",
      unit: undefined,
      code: connectionCode(plan.country, "electricity", seed, commonKey(plan)),
      connectionKva: connectionKva(plan),
      contract,
      consents,
      toldBy: { device: "main", everyMs: SECOND_MS },
      indexAt: indexOf(building.common),
    },
  ];
  // Behind the port of a Belgian meter; elsewhere gas and water have meters that do not speak.
  if (plan.country !== "BE") return points;
  points.push({
    key: "water",
    carrier: "water",
    direction: "import",
    unit: undefined,
    code: undefined,
    connectionKva: undefined,
    contract: undefined,
    consents,
    toldBy: { device: "main", everyMs: MBUS_FIVE_MINUTES_MS },
    indexAt: (_, instantMs) => water.indexAt(instantMs),
  });
  if (gas !== undefined) {
    points.push({
      key: "gas",
      carrier: "gas",
      direction: "import",
      unit: undefined,
      code: connectionCode(plan.country, "gas", seed, commonKey(plan)),
      connectionKva: undefined,
      contract: { ...contract, pricePerKwh: "0.058400", annualFee: "75.00", greenShare: 0 },
      consents,
      toldBy: { device: "main", everyMs: MBUS_HOURLY_MS },
      indexAt: (_, instantMs) => gas.indexAt(instantMs),
    });
  }
  return points;
}

function dwellingSupplyPoints(
  plan: SitePlan,
  building: SimulatedBuilding,
  { seed, contractStart }: SiteOptions,
): SupplyPointPlan[] {
  return Array.from({ length: plan.measuredDwellings }, (_, number) => ({
    key: `dwelling ${number}`,
    carrier: "electricity",
    direction: "import",
    unit: unitName(number),
    code: connectionCode(plan.country, "electricity", seed, dwellingKey(plan, number)),
    connectionKva: 9.2,
    contract: contractOf(derive(seed, `${plan.key} ${number}`), contractStart),
    // With a consent for `tender` a dwelling would buy with the common parts.
    consents: ["load-profile"],
    toldBy: { device: `dwelling ${number}`, everyMs: SECOND_MS },
    indexAt: indexOf(building.dwelling(number)),
  }));
}

const indexOf =
  ({ importDay, importNight, exportDay, exportNight }: ElectricityOracle) =>
  (direction: Direction, instantMs: number) =>
    direction === "import"
      ? importDay.indexAt(instantMs) + importNight.indexAt(instantMs)
      : exportDay.indexAt(instantMs) + exportNight.indexAt(instantMs);

/** Names that nobody bears. */
const SUPPLIERS = ["Lumière Verte", "Stroomland", "Énergie du Midi", "Noordlicht Energie"];

const GREEN_SHARES = [0, 0.2, 0.5, 1];

function contractOf(seed: number, start: string): ContractPlan {
  return {
    supplier: SUPPLIERS[Math.floor(chance(seed, 39) * SUPPLIERS.length)] ?? "Stroomland",
    pricePerKwh: (0.118 + 0.06 * chance(seed, 40)).toFixed(6),
    annualFee: (45 + 30 * chance(seed, 41)).toFixed(2),
    greenShare: GREEN_SHARES[Math.floor(chance(seed, 42) * GREEN_SHARES.length)] ?? 0,
    start,
    noticeDays: 30,
  };
}
