// From a line and its unit to the register it belongs to; the same register is always the same object.
import type { RegisterSpec } from "#devices/reading";
import type { Carrier } from "#devices/vocabulary";
import { quantityOf } from "#devices/units";
import { detached } from "./detached.ts";
import { directionOf, isPowerFactor, type Obis } from "./obis.ts";

/** Register specs of one meter, by OBIS name. */
export type Meter = {
  readonly equipmentId: string;
  readonly keepEveryS: number;
  /** M-Bus device type of a meter on a channel, or `undefined` for the main meter. */
  readonly mbusType: number | undefined;
  readonly registers: Map<string, RegisterSpec>;
};

/** EN 13757-3 device types as P1 writes them; what is missing here has no carrier and is assigned by hand. */
const MBUS_CARRIERS: ReadonlyMap<number, Carrier> = new Map<number, Carrier>([
  [3, "gas"],
  [4, "heat"], // outlet
  [12, "heat"], // inlet
  [6, "water"], // warm
  [7, "water"],
  [21, "water"], // hot
  [22, "water"], // cold
]);

/** A channel whose type nobody told. */
export const MBUS_UNKNOWN = -1;

const meters = new Map<string, Meter>();
let registerCount = 0;
/** About 60 MB of specs; then all are forgotten and made again as they come. */
const REGISTERS_MAX = 250_000;
const METERS_MAX = 100_000;

/** The remembered specs of a meter: by serial number, storage policy and, behind a channel, its type. */
export function meterOf(equipmentId: string, keepEveryS: number, mbusType: number | undefined): Meter {
  const key = `${keepEveryS} ${mbusType ?? ""} ${equipmentId}`;
  const known = meters.get(key);
  if (known !== undefined) return known;
  if (registerCount > REGISTERS_MAX || meters.size >= METERS_MAX) {
    meters.clear();
    registerCount = 0;
  }
  const meter: Meter = { equipmentId: detached(equipmentId), keepEveryS, mbusType, registers: new Map() };
  meters.set(key, meter);
  return meter;
}

/**
 * The register of a value, or `undefined` where the unit is unknown. `ownTime`: the line carries a timestamp of its own, so
 * its values are rare and all kept.
 */
export function registerOf(
  meter: Meter,
  obis: Obis,
  unit: string,
  ownTime: boolean,
): RegisterSpec | undefined {
  const known = meter.registers.get(obis.name);
  const keepEveryS = ownTime ? 0 : meter.keepEveryS;
  if (known !== undefined && known.unit === unit && known.keepEveryS === keepEveryS) return known;
  const fresh =
    meter.mbusType === undefined
      ? mainRegister(meter, obis, unit, keepEveryS)
      : mbusRegister(meter, obis, unit);
  if (fresh === undefined) return undefined;
  meter.registers.set(obis.name, fresh);
  registerCount++;
  return fresh;
}

function mainRegister(meter: Meter, obis: Obis, unit: string, keepEveryS: number): RegisterSpec | undefined {
  const quantity = mainQuantity(obis, unit);
  if (quantity === undefined) return undefined;
  const cumulative = obis.d === 8 && (quantity === "volume" || quantity.endsWith("energy"));
  return {
    name: obis.name,
    equipmentId: meter.equipmentId,
    carrier: mainCarrier(obis, quantity, cumulative),
    quantity,
    unit,
    kind: cumulative ? "cumulative" : "instantaneous",
    tariff: cumulative && obis.e >= 1 && obis.e <= 9 ? String(obis.e) : null,
    direction: isPeakHistory(obis) ? "import" : directionOf(obis),
    keepEveryS,
  };
}

function mainQuantity(obis: Obis, unit: string): string | undefined {
  if (unit === "") {
    if (isPowerFactor(obis)) return "power-factor";
    return obis.name === "0-0:96.14.0" ? "tariff" : undefined;
  }
  const quantity = quantityOf(unit);
  if (quantity !== "power") return quantity;
  if (obis.d === 4) return "demand";
  return obis.d === 6 || isPeakHistory(obis) ? "max-demand" : "power";
}

/**
 * An energy of electricity belongs to the supply point only as the whole import (1.8.x) or export (2.8.x): phases, the
 * combined 15.8.0 and the like would be counted twice, so they carry no carrier and are assigned by nobody but a person.
 */
function mainCarrier(obis: Obis, quantity: string, cumulative: boolean): Carrier | null {
  if (obis.medium !== 1) return isPeakHistory(obis) || obis.c === 96 ? "electricity" : null;
  if (quantity !== "energy") return "electricity";
  return cumulative && (obis.c === 1 || obis.c === 2) && obis.channel <= 1 ? "electricity" : null;
}

function isPeakHistory(obis: Obis): boolean {
  return obis.medium === 0 && obis.c === 98 && obis.d === 1;
}

/** What stands behind an M-Bus channel is an index of consumption, or it is kept without carrier (a sub-meter of electricity). */
function mbusRegister(meter: Meter, obis: Obis, unit: string): RegisterSpec | undefined {
  const quantity = quantityOf(unit);
  if (quantity === undefined) return undefined;
  const cumulative = quantity === "energy" || quantity === "volume";
  return {
    name: obis.name,
    equipmentId: meter.equipmentId,
    carrier: mbusCarrier(meter.mbusType, obis, quantity),
    quantity,
    unit,
    kind: cumulative ? "cumulative" : "instantaneous",
    tariff: null,
    direction: cumulative ? "import" : null,
    keepEveryS: 0,
  };
}

/** By the type that the channel declares; where it declares none, heat counts energy and 24.2.3 is Belgian gas. */
function mbusCarrier(mbusType: number | undefined, obis: Obis, quantity: string): Carrier | null {
  const declared = mbusType === undefined ? undefined : MBUS_CARRIERS.get(mbusType);
  if (declared !== undefined || mbusType !== MBUS_UNKNOWN) return declared ?? null;
  if (obis.d === 2 && obis.e === 3) return "gas";
  return quantity === "energy" ? "heat" : null;
}
