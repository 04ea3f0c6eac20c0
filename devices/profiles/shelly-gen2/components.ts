// Which parts of a Shelly component's status are measurements, and what each one is.
import type { Direction } from "#devices/vocabulary";

/** A field of a component: a key, or two (`aenergy.total`). */
export type Field = {
  readonly path: readonly string[];
  readonly quantity: string;
  readonly unit: string;
  readonly counted: boolean;
  /** The component's whole, which belongs to the supply point; phases and parts of it do not. */
  readonly direction: Direction | null;
  readonly whole: boolean;
};

const moment = (name: string, quantity: string, unit: string, whole = false): Field => ({
  path: name.split("."),
  quantity,
  unit,
  counted: false,
  direction: null,
  whole,
});
const counter = (name: string, direction: Direction, whole: boolean): Field => ({
  path: name.split("."),
  quantity: "energy",
  unit: "Wh",
  counted: true,
  direction,
  whole,
});

/** Voltage, current and the like of one conductor, whose fields begin with `prefix`. */
const conductor = (prefix: string): Field[] => [
  moment(`${prefix}act_power`, "power", "W"),
  moment(`${prefix}aprt_power`, "apparent-power", "VA"),
  moment(`${prefix}current`, "current", "A"),
  moment(`${prefix}voltage`, "voltage", "V"),
  moment(`${prefix}freq`, "frequency", "Hz"),
  moment(`${prefix}pf`, "ratio", "/"),
];

/**
 * Each phase counts for itself: their imports, and so `total_act`, are more than the grid operator's register where one phase
 * feeds in while another takes. Only import less export can be compared with it.
 */
const PHASES = ["a_", "b_", "c_"];

/** What switches, plugs and dimmers say of the load behind them. */
const SWITCHED: readonly Field[] = [
  moment("apower", "power", "W", true),
  moment("aprtpower", "apparent-power", "VA"),
  moment("voltage", "voltage", "V"),
  moment("current", "current", "A"),
  moment("freq", "frequency", "Hz"),
  moment("pf", "ratio", "/"),
  counter("aenergy.total", "import", true),
  counter("ret_aenergy.total", "export", true),
];

/**
 * By kind of component, as the documentation of Shelly's second generation names them. Left out: `by_minute` (mWh of the last
 * three minutes, which `total` contains already), `minute_ts`, outputs, errors, the device's own temperature in Fahrenheit.
 */
const FIELDS: Readonly<Record<string, readonly Field[]>> = {
  em: [
    ...PHASES.flatMap(conductor),
    moment("n_current", "current", "A"),
    moment("total_act_power", "power", "W", true),
    moment("total_aprt_power", "apparent-power", "VA"),
    moment("total_current", "current", "A"),
  ],
  em1: conductor("").map((field) => (field.unit === "W" ? { ...field, whole: true } : field)),
  emdata: [
    ...PHASES.flatMap((phase) => [
      counter(`${phase}total_act_energy`, "import", false),
      counter(`${phase}total_act_ret_energy`, "export", false),
    ]),
    counter("total_act", "import", true),
    counter("total_act_ret", "export", true),
  ],
  em1data: [counter("total_act_energy", "import", true), counter("total_act_ret_energy", "export", true)],
  switch: SWITCHED,
  pm1: SWITCHED,
  cover: SWITCHED,
  light: SWITCHED,
  cct: SWITCHED,
  rgb: SWITCHED,
  rgbw: SWITCHED,
  // Pulses of somebody else's meter: of what, and how much each, nobody says.
  input: [{ ...counter("counts.total", "import", false), quantity: "count", unit: "count", direction: null }],
  temperature: [moment("tC", "temperature", "Cel")],
  humidity: [moment("rh", "humidity", "%RH")],
  voltmeter: [moment("voltage", "voltage", "V")],
};

const COMPONENT = /^([a-z][a-z0-9]{0,15}):(\d{1,3})$/;

/** The fields of `switch:3` and its like; `undefined` for a component that measures nothing. */
export function fieldsOf(component: string): readonly Field[] | undefined {
  const [, kind = ""] = COMPONENT.exec(component) ?? [];
  return Object.hasOwn(FIELDS, kind) ? FIELDS[kind] : undefined;
}
