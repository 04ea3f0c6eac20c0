// A building as the simulator plans it: what is registered through the API, what its devices say, and the truth behind.
import { MINUTE_MS, QUARTER_MS, SECOND_MS } from "#devices/time";
import type { Carrier, Direction, Purpose } from "#devices/vocabulary";
import { withDamagedCable, withWeakReception } from "../devices/mishaps.ts";
import { createP1Meter, MBUS_FIVE_MINUTES_MS, MBUS_HOURLY_MS } from "../devices/p1-meter.ts";
import { createInverter, createRoomSensor } from "../devices/senml-sensors.ts";
import type { Speech } from "../devices/speech.ts";
import { createBuilding, type BuildingPlan, type SimulatedBuilding } from "../world/building.ts";
import type { ElectricityOracle } from "../world/electricity.ts";
import { chance, derive } from "../world/random.ts";
import { gsrnOf } from "./gsrn.ts";

/** What is decided about a building, besides its physics. */
export type SitePlan = BuildingPlan & {
  readonly name: string;
  readonly address: string;
  readonly postalCode: string;
  readonly region: string;
  readonly heatedAreaM2: number;
  /** So many dwellings have a meter that speaks to us. */
  readonly measuredDwellings: number;
  /** Its co-owners have not decided yet whether to buy as a group. */
  readonly undecided?: boolean;
  readonly weakReception?: boolean;
  readonly damagedCable?: boolean;
};

export type Site = {
  readonly plan: SitePlan;
  readonly building: SimulatedBuilding;
  readonly supplyPoints: readonly SupplyPointPlan[];
  readonly devices: readonly DevicePlan[];
};

export type SupplyPointPlan = {
  /** Within the site. */
  readonly key: string;
  readonly carrier: Carrier;
  readonly direction: "import" | "both";
  /** A private supply point belongs to the unit of this name. */
  readonly unit: string | undefined;
  readonly code: string | undefined;
  readonly connectionKva: number | undefined;
  readonly contract: ContractPlan | undefined;
  readonly consents: readonly Purpose[];
  /** Which device tells its index, and how often a new one: an hourly M-Bus value is repeated in every telegram. */
  readonly toldBy: { readonly device: string; readonly everyMs: number };
  /** The truth: the index at an instant, Wh or litres, all tariffs together. */
  indexAt(direction: Direction, instantMs: number): number;
};

export type ContractPlan = {
  readonly supplier: string;
  readonly pricePerKwh: string;
  readonly annualFee: string;
  /** Certified by guarantees of origin, 0 to 1. */
  readonly greenShare: number;
  readonly start: string;
  readonly noticeDays: number;
};

export type DevicePlan = {
  /** Within the site. */
  readonly key: string;
  readonly name: string;
  readonly expectedIntervalS: number;
  /** Keys of supply points. */
  readonly supplyPoints: Readonly<Partial<Record<Carrier, string>>>;
  readonly speech: Speech;
};

export type SiteOptions = {
  readonly seed: number;
  /** UTC day since 1970 on which all registers were put in. */
  readonly firstDay: number;
  readonly contractStart: string;
};

export function createSite(plan: SitePlan, options: SiteOptions): Site {
  const building = createBuilding(options.seed, plan, options.firstDay);
  const supplyPoints = [
    ...commonSupplyPoints(plan, building, options),
    ...dwellingSupplyPoints(plan, building, options),
  ];
  const devices = [
    mainMeter(plan, building, options),
    ...dwellingMeters(plan, building, options),
    ...sensors(plan, building, options),
  ];
  return { plan, building, supplyPoints, devices };
}

const unitName = (number: number) => `App. ${Math.floor(number / 4)}.${(number % 4) + 1}`;

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
      code: gsrnOf("electricity", seed, `${plan.key} common`),
      connectionKva: 56,
      contract,
      consents,
      toldBy: { device: "main", everyMs: SECOND_MS },
      indexAt: indexOf(building.common),
    },
    {
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
    },
  ];
  if (gas !== undefined) {
    points.push({
      key: "gas",
      carrier: "gas",
      direction: "import",
      unit: undefined,
      code: gsrnOf("gas", seed, `${plan.key} common`),
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
    code: gsrnOf("electricity", seed, `${plan.key} dwelling ${number}`),
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
    supplier: SUPPLIERS[Math.floor(chance(seed, 11) * SUPPLIERS.length)] ?? "Stroomland",
    pricePerKwh: (0.118 + 0.06 * chance(seed, 12)).toFixed(6),
    annualFee: (45 + 30 * chance(seed, 13)).toFixed(2),
    greenShare: GREEN_SHARES[Math.floor(chance(seed, 14) * GREEN_SHARES.length)] ?? 0,
    start,
    noticeDays: 30,
  };
}

function serialOf(seed: number, key: string): string {
  return String(Math.floor(chance(derive(seed, `serial ${key}`), 0) * 1e10)).padStart(10, "0");
}

function mainMeter(plan: SitePlan, building: SimulatedBuilding, { seed }: SiteOptions): DevicePlan {
  const meter = createP1Meter({
    seed: derive(seed, `${plan.key} main`),
    meterId: `1SIM${serialOf(seed, plan.key)}`,
    timezone: plan.timezone,
    electricity: building.common,
    phases: 3,
    historyStepMs: 5 * MINUTE_MS,
    mbus: [
      ...(building.gas === undefined
        ? []
        : [
            {
              carrier: "gas" as const,
              meterId: `7SIM${serialOf(seed, `${plan.key} gas`)}`,
              index: building.gas,
              everyMs: MBUS_HOURLY_MS,
            },
          ]),
      {
        carrier: "water",
        meterId: `8SIM${serialOf(seed, `${plan.key} water`)}`,
        index: building.water,
        everyMs: MBUS_FIVE_MINUTES_MS,
      },
    ],
  });
  return {
    key: "main",
    name: "Compteur principal",
    expectedIntervalS: meter.liveStepMs / SECOND_MS,
    supplyPoints: {
      electricity: "electricity",
      water: "water",
      ...(building.gas === undefined ? {} : { gas: "gas" }),
    },
    speech: plan.weakReception === true ? withWeakReception(meter, derive(seed, plan.key)) : meter,
  };
}

function dwellingMeters(plan: SitePlan, building: SimulatedBuilding, { seed }: SiteOptions): DevicePlan[] {
  return Array.from({ length: plan.measuredDwellings }, (_, number) => {
    const speech = dwellingMeter(`${plan.key} ${number}`, building, number, seed);
    return {
      key: `dwelling ${number}`,
      name: `Compteur ${unitName(number)}`,
      expectedIntervalS: speech.liveStepMs / SECOND_MS,
      supplyPoints: { electricity: `dwelling ${number}` },
      speech,
    };
  });
}

function dwellingMeter(key: string, building: SimulatedBuilding, number: number, seed: number): Speech {
  return createP1Meter({
    seed: derive(seed, key),
    meterId: `1SIM${serialOf(seed, key)}`,
    timezone: building.plan.timezone,
    electricity: building.dwelling(number),
    phases: 1,
    historyStepMs: QUARTER_MS,
    mbus: [],
  });
}

function sensors(plan: SitePlan, building: SimulatedBuilding, { seed }: SiteOptions): DevicePlan[] {
  const room = createRoomSensor(serialOf(seed, `${plan.key} room`), building);
  const found: DevicePlan[] = [device("room", "Capteur hall", room)];
  if (building.production !== undefined) {
    const inverter = createInverter(serialOf(seed, `${plan.key} inverter`), building.production);
    found.push(device("inverter", "Onduleur toiture", inverter));
  }
  if (plan.damagedCable === true) {
    const unmeasured = plan.dwellings - 1;
    const garbled = withDamagedCable(dwellingMeter(`${plan.key} cable`, building, unmeasured, seed), seed);
    found.push(device("cable", "Compteur cave (câble abîmé)", garbled));
  }
  return found;
}

function device(key: string, name: string, speech: Speech): DevicePlan {
  return { key, name, expectedIntervalS: speech.liveStepMs / SECOND_MS, supplyPoints: {}, speech };
}
