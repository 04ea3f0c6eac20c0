// What the properties of a Zigbee device measure: by the names that Zigbee2MQTT gives them, and by the unit that the bridge tells.
import { quantityOf } from "#devices/units";
import type { Carrier, Direction } from "#devices/vocabulary";
import { meaningOf, unitOfDeclared } from "../declared-meaning.ts";
import { labelOf } from "../linky-tic/labels.ts";

export type Field = {
  readonly quantity: string;
  readonly unit: string;
  readonly counted: boolean;
  readonly carrier: Carrier | null;
  readonly direction: Direction | null;
  readonly tariff: string | null;
};

/** What the bridge says of a property. */
export type Exposed = {
  /** As it is written there. */
  readonly unit: string;
  /** What it is called besides: of a Linky behind a ZLinky its label, `EAST`. */
  readonly label?: string;
  readonly medium?: "gas" | "heat" | "water";
  readonly settable?: boolean;
};

const moment = (quantity: string, unit: string, carrier: Carrier | null = null): Field => ({
  quantity,
  unit,
  counted: false,
  carrier,
  direction: null,
  tariff: null,
});
const energy = (direction: Direction, counts: boolean, tariff: string | null = null): Field => ({
  quantity: "energy",
  unit: "kWh",
  counted: true,
  carrier: counts ? "electricity" : null,
  direction: counts ? direction : null,
  tariff,
});
const volume = (carrier: Carrier): Field => ({
  quantity: "volume",
  unit: "m3",
  counted: true,
  carrier,
  direction: "import",
  tariff: null,
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
 * A Linky behind a ZLinky, as its converter names what the TIC says; in history mode too. Left out where the bridge does not tell the
 * unit: `available_power` is in A or kVA, `total_reactive_power` in varh, `active_power_max` in VA.
 */
const LINKY: readonly (readonly [string, Field])[] = [
  ["current_summ_delivered", energy("import", true)],
  ["current_summ_received", energy("export", true)],
  ...Array.from({ length: 10 }, (_, at): [string, Field] => [
    `current_tier${at + 1}_summ_delivered`,
    energy("import", false, String(at + 1)),
  ]),
  ...Array.from({ length: 4 }, (_, at): [string, Field] => [
    `active_energy_out_d0${at + 1}`,
    energy("import", false, `D${at + 1}`),
  ]),
  ["apparent_power", moment("apparent-power", "VA")],
  ["injected_v_a", moment("apparent-power", "VA")],
  ["active_power", moment("power", "W", "electricity")],
  ["injected_active_load_n", { ...moment("power", "W", "electricity"), direction: "export" }],
  ["rms_voltage", moment("voltage", "V")],
  ["rms_current", moment("current", "A")],
  ["average_rms_voltage_meas_period", moment("voltage", "V")],
];

/**
 * Left out: `state`, `linkquality`, `battery`, `update` and settings, which are no measurements; tariffs, whose energy is in
 * `energy`; whatever has a unit that the device chooses, unless the bridge tells it.
 */
const FIELDS: ReadonlyMap<string, Field> = new Map<string, Field>([
  ...WHOLE,
  ...PARTS.flatMap((part) =>
    WHOLE.map(([name, field]): [string, Field] => [
      `${name}${part}`,
      { ...field, carrier: null, direction: null },
    ]),
  ),
  ...LINKY,
  ["temperature", moment("temperature", "Cel")],
  ["local_temperature", moment("temperature", "Cel")],
  ["humidity", moment("humidity", "%RH")],
  ["pressure", moment("pressure", "hPa")],
  ["illuminance", moment("illuminance", "lx")],
  ["co2", moment("concentration", "ppm")],
  ["water_consumed", volume("water")],
  ["gas_consumed", volume("gas")],
]);

/** What a property of any name may be of, where the bridge tells its unit. */
const METERED = new Set([
  "energy",
  "volume",
  "power",
  "flow",
  "apparent-power",
  "apparent-energy",
  "reactive-power",
  "reactive-energy",
]);

export function fieldOf(name: string, exposed?: Exposed): Field | undefined {
  const usual = FIELDS.get(name);
  if (exposed === undefined) return usual;
  const unit = unitOfDeclared(exposed.unit);
  const quantity = unit === undefined ? undefined : quantityOf(unit);
  const linky = labelOf(exposed.label ?? "");
  if (unit !== undefined && linky !== undefined) {
    const { carrier, direction, tariff, part, kind } = linky;
    const place = part ? { carrier: null, direction: null } : { carrier, direction };
    return { quantity: linky.quantity, unit, counted: kind === "cumulative", ...place, tariff };
  }
  if (usual !== undefined && exposed.unit === "%" && usual.quantity === "humidity") return usual;
  if (usual !== undefined && unit !== undefined && quantity === usual.quantity)
    return { ...usual, unit, ...(exposed.medium === "heat" ? heatOf(usual) : {}) };
  // Nobody converts it, and in the usual unit it would be wrong.
  if (unit === undefined) return usual === undefined ? undefined : moment("number", "");
  if (usual === undefined && (exposed.settable === true || !METERED.has(quantity ?? ""))) return undefined;
  const isVolume = quantity === "volume" || quantity === "flow";
  const telling =
    exposed.medium === undefined || !(isVolume || exposed.medium === "heat") ? [] : [exposed.medium];
  const meaning = meaningOf(unit, { telling: [name, ...telling] });
  return {
    quantity: meaning.quantity,
    unit,
    counted: meaning.kind === "cumulative",
    carrier: meaning.carrier,
    direction: meaning.direction,
    tariff: null,
  };
}

/** What a meter of heat counts in kWh is no electricity. */
function heatOf({ quantity, direction }: Field): Partial<Field> {
  return quantity === "energy" || quantity === "power"
    ? { carrier: "heat", direction: direction ?? "import" }
    : { carrier: null };
}
