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
 * before. `TotalStartTime`, since when `Total` counts, is asked where that is read.
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

const SUM = "(?:sum|summe|total|gesamt)?";
const ENERGY_WORD = `(?:total|e|energy|enrg|kwh|gesamt|zaehlerstand)`;
const TAKEN = "(?:in|import|imp|bezug|verbrauch|consumed)";
const FED_IN = "(?:out|export|exp|einspeisung|erzeugung|feedin)";
const POWER_WORD = "(?:power|p|leistung|watt|activepower|realpower|curr?w|ecpowerval|(?:dj)?tpwrcurr)";
const PHASE = "(?:[pl]|phase)?[1-3]n?";

type Made = (match: RegExpExecArray) => Field | undefined;
const byTariff =
  (direction: Direction): Made =>
  ([, tariff = ""]) =>
    counter(direction, false, tariff.toUpperCase());

/**
 * Names that scripts for electricity meters use (Tasmota's smart meter descriptors), without case and separators; a name may begin
 * with the tariff (`HT_Total_in`). Left out for want of a unit: `1_8_0`, which two scripts for one meter give in Wh and in kWh, and
 * `Power_Sum`, which is an energy beside `Power_Use_Sum`.
 */
const METER: readonly (readonly [RegExp, Made])[] = [
  [new RegExp(`^${ENERGY_WORD}${TAKEN}$`), () => counter("import", true)],
  [new RegExp(`^${ENERGY_WORD}${FED_IN}$`), () => counter("export", true)],
  [new RegExp(`^${ENERGY_WORD}${TAKEN}t?([1-9])$`), byTariff("import")],
  [new RegExp(`^${ENERGY_WORD}${FED_IN}t?([1-9])$`), byTariff("export")],
  [new RegExp(`^(ht|nt)${ENERGY_WORD}${TAKEN}$`), byTariff("import")],
  [
    /^(?:totalkwh|kwhtotal|total|energy|energie|counter|(?:ec)?counterval|zaehlerstand|(?:dj)?tpwrin)$/,
    () => counter("import", true),
  ],
  [/^(?:supply|enout|(?:dj)?tpwrout)$/, () => counter("export", true)],
  [new RegExp(`^(?:verbrauch|bezug|consumption|consumed)${SUM}$`), () => counter("import", true)],
  [new RegExp(`^(?:einspeisung|lieferung)${SUM}$`), () => counter("export", true)],
  [/^(?:total|verbrauch|bezug)t([1-9])$/, byTariff("import")],
  [/^(?:supply|einspeisung)t([1-9])$/, byTariff("export")],
  [
    /^(?:power|p|leistung)(?:out|export|einspeisung)$/,
    () => ({ ...moment("power", "W", true), direction: "export" }),
  ],
  [/^powerusesum$/, () => moment("power", "W", true)],
  [/^powersum$/, () => undefined],
  [new RegExp(`^${POWER_WORD}(?:curr?|current|in|${SUM})?$`), () => moment("power", "W", true)],
  [new RegExp(`^${POWER_WORD}(?:curr?)?${PHASE}$`), () => moment("power", "W")],
  [new RegExp(`^(?:voltage|volt|spannung|u|v)(?:${PHASE})?$`), () => moment("voltage", "V")],
  [new RegExp(`^(?:current|curr|amperage|amp|i)${PHASE}$`), () => moment("current", "A")],
  [/^(?:current|amperage)$/, () => moment("current", "A")],
  [/^(?:hz|freq|frequency|frequenz)$/, () => moment("frequency", "Hz")],
];

/** The end of a label that is an OBIS code: `ELZ_PV_1.8.0` in kWh, `16_7_0` in W. */
const OBIS = /(?:^|[^\d.])(\d{1,2})([._])(\d)\2(\d)$/;
const OBIS_POWER: Readonly<Record<string, Field>> = {
  1: { ...moment("power", "W", true), direction: "import" },
  2: { ...moment("power", "W", true), direction: "export" },
  16: moment("power", "W", true),
  ...Object.fromEntries([21, 41, 61, 36, 56, 76].map((code) => [code, moment("power", "W")])),
  ...Object.fromEntries([32, 52, 72].map((code) => [code, moment("voltage", "V")])),
  ...Object.fromEntries([31, 51, 71].map((code) => [code, moment("current", "A")])),
  14: moment("frequency", "Hz"),
};

function obisField(key: string): Field | undefined {
  const [, c = "", separator, d, e = ""] = OBIS.exec(key) ?? [];
  if (d === "7" && e === "0") return OBIS_POWER[c];
  const direction = c === "1" ? "import" : c === "2" ? "export" : undefined;
  if (d !== "8" || separator !== "." || direction === undefined) return undefined;
  return e === "0" ? counter(direction, true) : counter(direction, false, e);
}

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
  const known = group === "ENERGY" ? ENERGY.get(key) : undefined;
  if (known !== undefined) return known;
  const linky = LINKY.get(group)?.get(key);
  if (linky !== undefined) return linky;
  const sensor = SENSORS.get(key);
  if (sensor !== undefined) return sensor;
  if (OTHER_MEDIA.test(group) || OTHER_MEDIA.test(key)) return undefined;
  const obis = obisField(key);
  if (obis !== undefined) return obis;
  const plain = key.toLowerCase().replaceAll(/[_\s-]/g, "");
  for (const [pattern, make] of METER) {
    const match = pattern.exec(plain);
    if (match !== null) return make(match);
  }
  return undefined;
}
