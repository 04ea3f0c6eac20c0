// The devices of a site: its main meter in the language of its country, the meters of its dwellings, sensors; and what ails them.
import { MINUTE_MS, QUARTER_MS, SECOND_MS } from "#devices/time";
import type { Carrier } from "#devices/vocabulary";
import { createChain2Reader } from "../devices/chain2-reader.ts";
import { createLinkyMeter } from "../devices/linky-meter.ts";
import { asOf, replacedAt, withGlitches } from "../devices/meter-mishaps.ts";
import { withDamagedCable, withWeakReception } from "../devices/mishaps.ts";
import { createP1Meter, MBUS_FIVE_MINUTES_MS, MBUS_HOURLY_MS, type MbusSource } from "../devices/p1-meter.ts";
import { createInverter, createRoomSensor } from "../devices/senml-sensors.ts";
import type { Speech } from "../devices/speech.ts";
import { createShellyMeter, createWaterMeter } from "../devices/sub-meters.ts";
import type { PartName, SimulatedBuilding } from "../world/building.ts";
import type { IndexSeries } from "../world/index-series.ts";
import type { ElectricityOracle } from "../world/electricity.ts";
import { chance, derive } from "../world/random.ts";
import { connectionCode } from "./connection-code.ts";
import {
  commonKey,
  dwellingKey,
  unitName,
  type DevicePlan,
  type SiteOptions,
  type SitePlan,
  type SwapPlan,
} from "./site-plan.ts";

export function devicesOf(plan: SitePlan, building: SimulatedBuilding, options: SiteOptions): DevicePlan[] {
  return [
    mainMeter(plan, building, options),
    ...dwellingMeters(plan, building, options),
    ...sensors(plan, building, options),
  ];
}

/** Once a meter is known by its serial it keeps it; a world whose indices are others has other meters. */
function serialOf(seed: number, key: string): string {
  return String(Math.floor(chance(derive(seed, `serial 2 ${key}`), 0) * 1e10)).padStart(10, "0");
}

type Metered = {
  /** What serial numbers are made of. */
  readonly key: string;
  readonly code: string;
  readonly electricity: ElectricityOracle;
  readonly phases: 1 | 3;
  readonly produces: boolean;
  readonly historyStepMs: number;
  readonly mbus: readonly MbusSource[];
};

/** A connection's meter as its country has them. */
function meterOf(plan: SitePlan, seed: number, metered: Metered): Speech {
  const { key, code, electricity, produces, historyStepMs } = metered;
  const serial = serialOf(seed, key);
  if (plan.country === "FR") {
    return createLinkyMeter({ meterId: `02${serial}`, electricity, produces, historyStepMs });
  }
  if (plan.country === "IT") {
    return createChain2Reader({ serial: `DU${serial}`, pod: code, electricity, historyStepMs });
  }
  return createP1Meter({
    ...metered,
    seed: derive(seed, key),
    meterId: `1SIM${serial}`,
    timezone: plan.timezone,
  });
}

function mainMeter(plan: SitePlan, building: SimulatedBuilding, { seed, swapAtMs }: SiteOptions): DevicePlan {
  const metered: Metered = {
    key: plan.key,
    code: connectionCode(plan.country, "electricity", seed, commonKey(plan)),
    electricity: plan.badData === true ? withGlitches(building.common, seed) : building.common,
    phases: 3,
    produces: plan.panelsKwp > 0,
    historyStepMs: 5 * MINUTE_MS,
    mbus: behindTheMain(plan, building, seed),
  };
  let speech = meterOf(plan, seed, metered);
  if (plan.swappedMeter === true && swapAtMs !== undefined) {
    const electricity = asOf(swapAtMs, building.common, OPENING_WH);
    speech = replacedAt(
      swapAtMs,
      speech,
      meterOf(plan, seed, { ...metered, key: `${plan.key} young`, electricity }),
    );
  }
  if (plan.weakReception === true) speech = withWeakReception(speech, derive(seed, plan.key));
  const carriers = ["electricity", ...metered.mbus.map(({ carrier }) => carrier)] satisfies Carrier[];
  return {
    key: "main",
    name: "Compteur principal",
    expectedIntervalS: speech.liveStepMs / SECOND_MS,
    supplyPoints: Object.fromEntries(
      plan.country === "BE" ? carriers.map((one) => [one, one]) : [["electricity", "electricity"]],
    ),
    speech,
  };
}

/** What a meter has counted when it leaves its factory. */
const OPENING_WH = 412;

export function swapOf(
  plan: SitePlan,
  { common }: SimulatedBuilding,
  { swapAtMs }: SiteOptions,
): SwapPlan | undefined {
  if (plan.swappedMeter !== true || swapAtMs === undefined) return undefined;
  const kwh = (wh: number) => (wh / 1000).toFixed(3);
  const read = (series: IndexSeries) => ({
    closing: kwh(series.indexAt(swapAtMs)),
    opening: kwh(OPENING_WH),
  });
  return {
    atMs: swapAtMs,
    indices: new Map([
      ["1-0:1.8.1", read(common.importDay)],
      ["1-0:1.8.2", read(common.importNight)],
      ["1-0:2.8.1", read(common.exportDay)],
      ["1-0:2.8.2", read(common.exportNight)],
    ]),
  };
}

function behindTheMain(plan: SitePlan, { gas, water }: SimulatedBuilding, seed: number): MbusSource[] {
  const onGas: MbusSource[] =
    gas === undefined
      ? []
      : [
          {
            carrier: "gas",
            meterId: `7SIM${serialOf(seed, `${plan.key} gas`)}`,
            index: gas,
            everyMs: MBUS_HOURLY_MS,
          },
        ];
  return [
    ...onGas,
    {
      carrier: "water",
      meterId: `8SIM${serialOf(seed, `${plan.key} water`)}`,
      index: water,
      everyMs: MBUS_FIVE_MINUTES_MS,
    },
  ];
}

function dwellingMeters(plan: SitePlan, building: SimulatedBuilding, { seed }: SiteOptions): DevicePlan[] {
  return Array.from({ length: plan.measuredDwellings }, (_, number) => {
    const speech = dwellingMeter(plan, building, number, seed);
    return {
      key: `dwelling ${number}`,
      name: `Compteur ${unitName(number)}`,
      expectedIntervalS: speech.liveStepMs / SECOND_MS,
      supplyPoints: { electricity: `dwelling ${number}` },
      speech,
    };
  });
}

function dwellingMeter(plan: SitePlan, building: SimulatedBuilding, number: number, seed: number): Speech {
  return meterOf(plan, seed, {
    key: `${plan.key} ${number}`,
    code: connectionCode(plan.country, "electricity", seed, dwellingKey(plan, number)),
    electricity: building.dwelling(number),
    phases: 1,
    produces: false,
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
  if (plan.subMeters === true) found.push(...subMeters(plan, building, seed));
  if (plan.badData === true) {
    const garbled = withDamagedCable(dwellingMeter(plan, building, plan.dwellings - 1, seed), seed);
    found.push(device("cable", "Compteur cave (câble abîmé)", garbled));
  }
  return found;
}

const PART_NAMES: readonly (readonly [PartName, string])[] = [
  ["heat-pump", "Pompe à chaleur"],
  ["charger 0", "Borne de recharge 1"],
  ["lift", "Ascenseur"],
  ["boiler-room", "Chaufferie"],
];

function subMeters(plan: SitePlan, building: SimulatedBuilding, seed: number): DevicePlan[] {
  const found: DevicePlan[] = [];
  const [part, name] = PART_NAMES.find(([one]) => building.parts.has(one)) ?? [];
  const series = part === undefined ? undefined : building.parts.get(part);
  if (series !== undefined && name !== undefined) {
    found.push(device("part", name, createShellyMeter(serialOf(seed, `${plan.key} part`), series)));
  }
  const waterId = serialOf(seed, `${plan.key} water 0`).slice(0, WMBUS_ID_DIGITS);
  found.push(device("water 0", `Eau ${unitName(0)}`, createWaterMeter(waterId, building.dwelling(0).water)));
  return found;
}

const WMBUS_ID_DIGITS = 8;

function device(key: string, name: string, speech: Speech): DevicePlan {
  return { key, name, expectedIntervalS: speech.liveStepMs / SECOND_MS, supplyPoints: {}, speech };
}
