// Units as payloads write them: which quantity each one measures, and the exact way to thousandths of a Wh or a litre.
import { mantissaOf, tenTo, type Decimal } from "#devices/decimal";
import { KoproError } from "#devices/error";

/** What a load profile counts in: Wh for energy, l for volume. */
export type ProfileUnit = "Wh" | "l";

/** A unit in thousandths of its profile unit: `numerator / denominator`, whole numbers that a float64 holds exactly. */
type Ratio = { readonly unit: ProfileUnit; readonly numerator: number; readonly denominator: number };

const milliWh = (numerator: number, denominator = 1): Ratio => ({ unit: "Wh", numerator, denominator });
const milliLitre = (numerator: number): Ratio => ({ unit: "l", numerator, denominator: 1 });

/** 3600 J are 1 Wh, so 1 J is 5/18 of a mWh. */
const RATIOS: ReadonlyMap<string, Ratio> = new Map([
  ["Wh", milliWh(1000)],
  ["kWh", milliWh(1_000_000)],
  ["MWh", milliWh(1_000_000_000)],
  ["GWh", milliWh(1_000_000_000_000)],
  ["Ws", milliWh(5, 18)],
  ["J", milliWh(5, 18)],
  ["kJ", milliWh(2500, 9)],
  ["MJ", milliWh(2_500_000, 9)],
  ["GJ", milliWh(2_500_000_000, 9)],
  ["l", milliLitre(1000)],
  ["dm3", milliLitre(1000)],
  ["m3", milliLitre(1_000_000)],
]);

/** The rest of the SenML registry (RFC 8428 §12.1, RFC 8798): kept as it comes, no meter of a building speaks it. */
const OTHER_UNITS =
  "cd mol rad sr N F Ohm S Wb T H lm Bq Gy Sv kat m/s2 cd/m2 pH beat/min beats S/m J/m deg Wh/km";

const QUANTITIES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    energy: ["Wh", "kWh", "MWh", "GWh", "Ws", "J", "kJ", "MJ", "GJ"],
    volume: ["l", "dm3", "m3"],
    power: ["W", "kW", "MW"],
    "reactive-energy": ["varh", "kvarh", "Mvarh", "vars"],
    "reactive-power": ["var", "kvar", "Mvar"],
    "apparent-energy": ["VAh", "kVAh", "MVAh", "VAs"],
    "apparent-power": ["VA", "kVA", "MVA"],
    voltage: ["V", "mV", "kV"],
    current: ["A", "mA"],
    charge: ["C", "Ah"],
    frequency: ["Hz", "MHz", "1/s", "1/min"],
    temperature: ["Cel", "K"],
    humidity: ["%RH"],
    flow: ["m3/s", "l/s", "m3/h", "l/h"],
    pressure: ["Pa", "hPa", "bar"],
    duration: ["s", "ms", "min", "h"],
    illuminance: ["lx"],
    irradiance: ["W/m2"],
    ratio: ["/", "%", "/100", "/1000", "ppm"],
    count: ["count"],
    battery: ["%EL", "EL"],
    concentration: ["ug/m3", "kg/m3"],
    length: ["m", "mm", "cm", "km"],
    area: ["m2"],
    // Of a heat cost allocator: no energy, and not comparable between radiators without their evaluation factors.
    "cost-allocation": ["hca"],
    mass: ["kg", "g"],
    speed: ["m/s", "km/h", "m/h"],
    precipitation: ["mm/h"],
    level: ["dB", "dBW", "dBm", "Bspl"],
    data: ["bit", "B", "KiB", "GB"],
    "data-rate": ["bit/s", "Mbit/s", "B/s", "MB/s"],
    position: ["lat", "lon"],
    other: OTHER_UNITS.split(" "),
  }).flatMap(([quantity, units]) => units.map((unit) => [unit, quantity] as const)),
);

/** `energy`, `volume`, `power`, `voltage`…; `undefined` for a unit that nobody here knows. */
export function quantityOf(unit: string): string | undefined {
  return QUANTITIES.get(unit);
}

/** What a profile of a register with this unit counts in, or `undefined` where it has none. */
export function profileUnitOf(unit: string): ProfileUnit | undefined {
  return RATIOS.get(unit)?.unit;
}

/**
 * `value` in thousandths of a Wh (energy) or of a litre (volume), exact, rounded half up (towards plus infinity) where a
 * joule does not divide. Throws `internal` for a unit without a profile: ask `profileUnitOf` first.
 */
export function toMilli(value: Decimal, unit: string): bigint {
  const ratio = RATIOS.get(unit);
  if (ratio === undefined) {
    throw new KoproError("internal", `${value} ${unit} is neither an energy nor a volume.`);
  }
  return fastMilli(value, ratio) ?? exactMilli(value, ratio);
}

const POWERS = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000];

/** The common case in numbers: few digits, and a scale that the unit's factor absorbs. */
function fastMilli(value: Decimal, ratio: Ratio): bigint | undefined {
  if (ratio.denominator !== 1 || value.length > 15) return undefined;
  const point = value.indexOf(".");
  const scale = point < 0 ? 0 : value.length - point - 1;
  const factor = ratio.numerator / (POWERS[scale] ?? Number.NaN);
  if (!Number.isInteger(factor)) return undefined;
  const mantissa = point < 0 ? Number(value) : Number(value.slice(0, point) + value.slice(point + 1));
  const milli = mantissa * factor;
  return Number.isSafeInteger(milli) ? BigInt(milli) : undefined;
}

function exactMilli(value: Decimal, ratio: Ratio): bigint {
  const { mantissa, scale } = mantissaOf(value);
  const divisor = 2n * BigInt(ratio.denominator) * tenTo(scale);
  return floorDivide(2n * mantissa * BigInt(ratio.numerator) + divisor / 2n, divisor);
}

function floorDivide(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  return dividend < 0n && quotient * divisor !== dividend ? quotient - 1n : quotient;
}
