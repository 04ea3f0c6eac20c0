// The physical bounds between two readings: how long a silence a line may bridge, and how fast an index can rise.
import { MOST_PER_HOUR } from "#devices/carrier-rates";
import type { Carrier } from "#devices/vocabulary";
import { HOUR_MS, SECOND_MS } from "#devices/time";
import { toMilli } from "#devices/units";

export type StepRules = {
  /** The longest silence bridged by a line. */
  readonly bridgeMaxMs: number;
  /** The fastest plausible rise, thousandths of a Wh or litre per millisecond. */
  readonly milliPerMsMax: number;
};

export type BoundedRegister = {
  readonly carrier: Carrier | null;
  readonly quantity: string;
  readonly unit: string;
  readonly interpolateMaxS: number;
  /** Decimal text, in the register's unit per hour; `null`: the carrier's bound. */
  readonly maxPerHour: string | null;
  /** The largest connection that the register was ever assigned to. */
  readonly connectionKva: number | null;
};

/** A fuse carries 1.45 times its rating for an hour (IEC 60898-1), and connections are declared in round figures. */
const CONNECTION_MARGIN = 2;

/** No quarter-hour may outgrow its four bytes: a quarter of an hour at 4 GW is 1.0e9 Wh, half of what they hold. */
const MILLI_PER_HOUR_CEILING = 4e12;

export function stepRules(register: BoundedRegister): StepRules {
  const milliPerHour = Math.min(milliPerHourMax(register), MILLI_PER_HOUR_CEILING);
  return { bridgeMaxMs: register.interpolateMaxS * SECOND_MS, milliPerMsMax: milliPerHour / HOUR_MS };
}

function milliPerHourMax(register: BoundedRegister): number {
  if (register.maxPerHour !== null) return Number(toMilli(register.maxPerHour, register.unit));
  if (register.carrier === "electricity" && register.connectionKva !== null) {
    return register.connectionKva * CONNECTION_MARGIN * Number(toMilli("1", "kWh"));
  }
  // A heat meter's volume, and a gas meter's energy, take the bound of the other carriers in that quantity.
  const fallback = register.quantity === "volume" ? "gas" : "heat";
  const carrier = register.carrier ?? (register.quantity === "volume" ? "gas" : "electricity");
  const bound = MOST_PER_HOUR[carrier];
  const fits = (bound.unit === "m3") === (register.quantity === "volume");
  const { value, unit } = fits ? bound : MOST_PER_HOUR[fallback];
  return Number(toMilli(value, unit));
}
