// The topics of DSMR split by field, as DSMR-reader and the Smart Gateways adapter name them: `[<prefix>/]dsmr/<group>/<field>`.
import type { Carrier, Direction } from "#devices/vocabulary";

/** What the topics of one sender have in common: what is before `dsmr/`, and what is behind it. */
export type DsmrTopic = {
  /** With its slash at the end; "" where the topic begins with `dsmr/`. */
  readonly prefix: string;
  /** Behind `dsmr/`: `reading/electricity_delivered_1`. */
  readonly path: string;
};

/** A topic that carries one value of a meter. */
export type ValueField = {
  readonly kind: "value";
  /** The name of the register: the field. */
  readonly name: string;
  /** `phase-power`: kW or W, which only the value tells. */
  readonly unit: "kWh" | "kW" | "V" | "A" | "m3" | "" | "phase-power";
  readonly quantity: "energy" | "power" | "voltage" | "current" | "volume" | "tariff";
  readonly carrier: Carrier | null;
  readonly direction: Direction | null;
  readonly tariff: string | null;
  readonly meter: Meter;
};

/** Each has its serial number and its clock. */
export type Meter = "electricity" | "gas" | "gas-consumption";

export type Field =
  | ValueField
  | { readonly kind: "time"; readonly meter: Meter }
  | { readonly kind: "serial"; readonly meter: "electricity" | "gas" };

/** A prefix is part of a fact's key: short, and storable text. */
const PREFIX_MAX = 100;
const PREFIX = /^[^\0]*$/;
const PATH = /^[a-z0-9_-]+(?:\/[a-z0-9_-]+){0,2}$/;

/** `undefined` for a topic that is none of the family. */
export function dsmrTopicOf(topic: string): DsmrTopic | undefined {
  const at = topic.startsWith("dsmr/") ? 0 : topic.indexOf("/dsmr/") + 1;
  if (at > PREFIX_MAX || !topic.startsWith("dsmr/", at)) return undefined;
  const prefix = topic.slice(0, at);
  const path = topic.slice(at + "dsmr/".length);
  return PREFIX.test(prefix) && prefix.isWellFormed() && PATH.test(path) ? { prefix, path } : undefined;
}

const counted = (name: string, direction: Direction, tariff: string): ValueField => ({
  kind: "value",
  name,
  unit: "kWh",
  quantity: "energy",
  carrier: "electricity",
  direction,
  tariff,
  meter: "electricity",
});

const now = (
  name: string,
  unit: ValueField["unit"],
  quantity: ValueField["quantity"],
  direction: Direction | null,
): ValueField => ({
  kind: "value",
  name,
  unit,
  quantity,
  carrier: "electricity",
  direction,
  tariff: null,
  meter: "electricity",
});

const gas = (name: string, carrier: Carrier | null, meter: Meter): ValueField => ({
  kind: "value",
  name,
  unit: "m3",
  quantity: "volume",
  carrier,
  direction: carrier === null ? null : "import",
  tariff: null,
  meter,
});

const PHASES = ["l1", "l2", "l3"] as const;
const TARIFF = now("electricity_tariff", "", "tariff", null);

const FIELDS: ReadonlyMap<string, Field> = new Map<string, Field>([
  ["reading/timestamp", { kind: "time", meter: "electricity" }],
  ["reading/extra_device_timestamp", { kind: "time", meter: "gas" }],
  ["consumption/gas/read_at", { kind: "time", meter: "gas-consumption" }],
  ["reading/electricity_equipment_id", { kind: "serial", meter: "electricity" }],
  ["reading/gas_equipment_id", { kind: "serial", meter: "gas" }],
  ["meter-stats/gas_meter_id", { kind: "serial", meter: "gas" }],
  ["reading/electricity_tariff", TARIFF],
  ["meter-stats/electricity_tariff", TARIFF],
  ...["1", "2"].flatMap((tariff): [string, Field][] => [
    [`reading/electricity_delivered_${tariff}`, counted(`electricity_delivered_${tariff}`, "import", tariff)],
    [`reading/electricity_returned_${tariff}`, counted(`electricity_returned_${tariff}`, "export", tariff)],
  ]),
  [
    "reading/electricity_currently_delivered",
    now("electricity_currently_delivered", "kW", "power", "import"),
  ],
  ["reading/electricity_currently_returned", now("electricity_currently_returned", "kW", "power", "export")],
  ...PHASES.flatMap((phase): [string, Field][] =>
    [
      now(`phase_currently_delivered_${phase}`, "phase-power", "power", "import"),
      now(`phase_currently_returned_${phase}`, "phase-power", "power", "export"),
      now(`phase_voltage_${phase}`, "V", "voltage", null),
      now(`phase_power_current_${phase}`, "A", "current", null),
    ].map((field) => [`reading/${field.name}`, field]),
  ),
  ["reading/extra_device_delivered", gas("extra_device_delivered", "gas", "gas")],
  // The same meter as extra_device_delivered, as DSMR-reader has worked it up: with a carrier it would count twice.
  ["consumption/gas/delivered", gas("consumption/gas/delivered", null, "gas-consumption")],
]);

export function fieldOf(path: string): Field | undefined {
  return FIELDS.get(path);
}

/** What is left out on purpose, by how its path begins. */
const LEFT_OUT: readonly string[] = [
  "raw", // the telegram that was split, whole
  "json", // the same values again
  "reading/id", // a row's number in the sender's database
  "reading/reactive_electricity_", // by the name an index, by the adapter's description a power: nobody knows the unit
  "consumption/gas/currently_delivered", // a difference of the index
  "consumption/quarter-hour-peak-electricity/", // a mean that the sender worked out
  "day-consumption/", // sums of a day, which begin anew at midnight, and prices
  "current-month/", // sums of a month
  "current-period/", // sums since a contract began
  "current-year/", // sums of a year
  "meter-stats/", // version, failures, sags and swells
];

export function isLeftOut(path: string): boolean {
  return LEFT_OUT.some((beginning) => path.startsWith(beginning)) || isSummary(path);
}

/** Values that are told one by one too, as one JSON object. */
export function isSummary(path: string): boolean {
  return path === "json" || path.endsWith("/json");
}
