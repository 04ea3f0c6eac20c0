// What the properties of a Zigbee device measure, by the names that Zigbee2MQTT gives them (its exposes).
import type { Carrier, Direction } from "#devices/vocabulary";

export type Field = {
  readonly quantity: string;
  readonly unit: string;
  readonly counted: boolean;
  readonly carrier: Carrier | null;
  readonly direction: Direction | null;
};

const moment = (quantity: string, unit: string, carrier: Carrier | null = null): Field => ({
  quantity,
  unit,
  counted: false,
  carrier,
  direction: null,
});
const energy = (direction: Direction, counts: boolean): Field => ({
  quantity: "energy",
  unit: "kWh",
  counted: true,
  carrier: counts ? "electricity" : null,
  direction: counts ? direction : null,
});
const volume = (carrier: Carrier): Field => ({
  quantity: "volume",
  unit: "m3",
  counted: true,
  carrier,
  direction: "import",
});

/** Conductors and channels stand beside the whole. */
const PARTS = ["_phase_a", "_phase_b", "_phase_c", "_a", "_b", "_c", "_l1", "_l2", "_l3", "_left", "_right"];

const WHOLE: readonly (readonly [string, Field])[] = [
  ["energy", energy("import", true)],
  ["produced_energy", energy("export", true)],
  ["power", moment("power", "W", "electricity")],
  ["power_apparent", moment("apparent-power", "VA")],
  ["power_reactive", moment("reactive-power", "var")],
  ["power_factor", moment("ratio", "/")],
  ["voltage", moment("voltage", "V")],
  ["current", moment("current", "A")],
  ["ac_frequency", moment("frequency", "Hz")],
];

/**
 * Left out: `state`, `linkquality`, `battery`, `update` and settings, which are no measurements; tariffs, whose energy is in
 * `energy`; whatever has a unit that the device chooses.
 */
const FIELDS: ReadonlyMap<string, Field> = new Map<string, Field>([
  ...WHOLE,
  ...PARTS.flatMap((part) =>
    WHOLE.map(([name, field]): [string, Field] => [
      `${name}${part}`,
      { ...field, carrier: null, direction: null },
    ]),
  ),
  ["temperature", moment("temperature", "Cel")],
  ["local_temperature", moment("temperature", "Cel")],
  ["humidity", moment("humidity", "%RH")],
  ["pressure", moment("pressure", "hPa")],
  ["illuminance", moment("illuminance", "lx")],
  ["co2", moment("concentration", "ppm")],
  ["water_consumed", volume("water")],
  ["gas_consumed", volume("gas")],
]);

export function fieldOf(name: string): Field | undefined {
  return FIELDS.get(name);
}
