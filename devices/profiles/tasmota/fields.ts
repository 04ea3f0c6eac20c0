// What the fields of Tasmota's groups measure: the energy group, meters read by a script (SML), and common sensors.
import type { Direction } from "#devices/vocabulary";

export type Field = {
  readonly quantity: string;
  readonly unit: string;
  readonly counted: boolean;
  readonly direction: Direction | null;
  readonly tariff: string | null;
  /** The whole of the meter: it belongs to the supply point. Of a list, its sum. */
  readonly whole: boolean;
};

const moment = (quantity: string, unit: string, whole = false): Field => ({
  quantity,
  unit,
  counted: false,
  direction: null,
  tariff: null,
  whole,
});
const counter = (direction: Direction, whole: boolean, tariff: string | null = null): Field => ({
  quantity: "energy",
  unit: "kWh",
  counted: true,
  direction,
  tariff,
  whole,
});
const wattHours = (direction: Direction): Field => ({ ...counter(direction, true), unit: "Wh" });
const reactive: Field = { ...moment("reactive-energy", "kvarh"), counted: true };

/**
 * Left out: `Yesterday` and `Today`, which begin anew at local midnight and are in `Total`; `Period`, the Wh since the message
 * before; `TotalStartTime`, since when `Total` counts: that it began anew is seen in the index itself.
 */
const ENERGY: ReadonlyMap<string, Field> = new Map([
  ["Total", counter("import", true)],
  ["TotalTariff", counter("import", false)],
  ["ExportActive", counter("export", true)],
  ["ExportTariff", counter("export", false)],
  // Beside Total: the same energy, as the meter itself counts it.
  ["ImportActive", counter("import", false)],
  ["ImportReactive", reactive],
  ["ExportReactive", reactive],
  ["Power", moment("power", "W", true)],
  ["ApparentPower", moment("apparent-power", "VA")],
  ["ReactivePower", moment("reactive-power", "var")],
  ["Factor", moment("ratio", "/")],
  ["Frequency", moment("frequency", "Hz")],
  ["Voltage", moment("voltage", "V")],
  ["Current", moment("current", "A")],
]);

/**
 * A Linky behind the teleinfo firmware that names these two groups: P is apparent power, W active; the indices are of the contract.
 * Left out: the contract's limits, what begins anew each day, and the periods, which the contract names and CONSO adds up.
 */
const LINKY: ReadonlyMap<string, ReadonlyMap<string, Field>> = new Map([
  [
    "METER",
    new Map([
      ["P", moment("apparent-power", "VA")],
      ["W", moment("power", "W", true)],
      ["C", moment("ratio", "/")],
      ["I", moment("current", "A")],
      ["U", moment("voltage", "V")],
      ["PP", moment("apparent-power", "VA")],
      ["PW", moment("power", "W")],
      ["PC", moment("ratio", "/")],
      ...["1", "2", "3"].flatMap((phase): [string, Field][] => [
        [`P${phase}`, moment("apparent-power", "VA")],
        [`W${phase}`, moment("power", "W")],
        [`I${phase}`, moment("current", "A")],
        [`U${phase}`, moment("voltage", "V")],
        [`C${phase}`, moment("ratio", "/")],
      ]),
    ]),
  ],
  [
    "CONTRACT",
    new Map([
      ["CONSO", wattHours("import")],
      ["PROD", wattHours("export")],
    ]),
  ],
]);

/** Groups whose `Total` is of gas, water, heat or rain: scripts name the unit nowhere in the message. */
const OTHER_MEDIA = /gas|gaz|water|wasser|^eau|h2o|h20|w(?:ae|\u00e4)rme|wmz|heat|rain|^rg-?15/i;

/** Names that scripts for electricity meters use (Tasmota's smart meter descriptors), without case and separators. */
const METER: readonly (readonly [RegExp, (match: RegExpExecArray) => Field])[] = [
  [/^(?:total|e|energy|enrg|bezug|zaehlerstand)(?:in|import|bezug)$/, () => counter("import", true)],
  [/^(?:total|e|energy|enrg)(?:out|export|einspeisung)$/, () => counter("export", true)],
  [/^(?:total|e|energy|enrg)(?:in|import)t?([1-9])$/, ([, tariff = ""]) => counter("import", false, tariff)],
  [/^(?:total|e|energy|enrg)(?:out|export)t?([1-9])$/, ([, tariff = ""]) => counter("export", false, tariff)],
  [/^(?:totalkwh|kwhtotal|total)$/, () => counter("import", true)],
  [/^(?:power|p|leistung)(?:curr?|current|total|in|sum)?$/, () => moment("power", "W", true)],
  [/^(?:power|p)(?:curr?)?[pl]?[1-3]$/, () => moment("power", "W")],
  [/^(?:voltage|volt|u|v)[pl]?[1-3]?$/, () => moment("voltage", "V")],
  [/^(?:current|curr|amperage|amp|i)[pl]?[1-3]$/, () => moment("current", "A")],
  [/^(?:current|amperage)$/, () => moment("current", "A")],
  [/^(?:hz|freq|frequency)$/, () => moment("frequency", "Hz")],
];

const SENSORS: ReadonlyMap<string, Field> = new Map([
  ["Temperature", moment("temperature", "Cel")],
  ["DewPoint", moment("temperature", "Cel")],
  ["Humidity", moment("humidity", "%RH")],
  ["Pressure", moment("pressure", "hPa")],
  ["SeaPressure", moment("pressure", "hPa")],
  ["Illuminance", moment("illuminance", "lx")],
  ["CarbonDioxide", moment("concentration", "ppm")],
]);

/** The fields whose unit the device chooses, and what it must have chosen: other scales are left out. */
export const CHOSEN_UNITS: ReadonlyMap<string, readonly [key: string, unit: string]> = new Map([
  ["temperature", ["TempUnit", "C"]],
  ["pressure", ["PressureUnit", "hPa"]],
]);

/** `undefined`: no measurement that is known here. */
export function fieldOf(group: string, key: string): Field | undefined {
  if (group === "ENERGY") return ENERGY.get(key);
  const linky = LINKY.get(group)?.get(key);
  if (linky !== undefined) return linky;
  const sensor = SENSORS.get(key);
  if (sensor !== undefined) return sensor;
  if (OTHER_MEDIA.test(group)) return undefined;
  const plain = key.toLowerCase().replaceAll(/[_\s-]/g, "");
  for (const [pattern, make] of METER) {
    const match = pattern.exec(plain);
    if (match !== null) return make(match);
  }
  return undefined;
}
