// What a key of emoncms says of its value: no unit is on the wire, so the firmware's and emonHub's habits of naming are asked.

export type Key = {
  /** "" for a number that nobody knows the unit of. */
  readonly unit: string;
  readonly quantity: string;
  readonly cumulative: boolean;
};

const key = (unit: string, quantity: string, cumulative = false): Key => ({ unit, quantity, cumulative });

const NUMBER = key("", "number");

/**
 * The first that fits the key in lower case. Names of emonTx 3 to 6, emonPi 1 to 3, emonTH and of emonHub's own settings; of
 * words, only those at the end of a name: `heatpump_kwh` counts, `kwh_price` does not.
 */
const KEYS: readonly (readonly [RegExp, Key])[] = [
  // Begins anew at midnight: no index.
  [/today|daily|kwhd$|yesterday/, NUMBER],
  [/^e\d{1,2}$/, key("Wh", "energy", true)],
  [/kwh$/, key("kWh", "energy", true)],
  [/(?:^|[^a-z])wh$/, key("Wh", "energy", true)],
  [/(?:^|[^a-z0-9])m3$/, key("m3", "volume", true)],
  [/apparent_?power/, key("VA", "apparent-power")],
  [/reactive_?power/, key("var", "reactive-power")],
  [/^p\d{1,2}$|(?:^|[^a-z])power_?\d{0,2}$|^power\d+pluspower\d+$|_w$/, key("W", "power")],
  [/^vrms\d{0,2}$|^v\d{1,2}$|^voltage_?\d{0,2}$/, key("V", "voltage")],
  [/^irms\d{0,2}$|^i\d{1,2}$|^current_?\d{0,2}$/, key("A", "current")],
  [/^t\d{1,2}$|^temp|temperature$/, key("Cel", "temperature")],
  [/humidity$/, key("%RH", "humidity")],
  [/^freq(?:uency)?$/, key("Hz", "frequency")],
  [/^pulses?_?\d{0,2}$|^pulse_?\d{0,2}count_?\d{0,2}$/, key("count", "count", true)],
];

export function keyOf(name: string): Key {
  const lower = name.toLowerCase();
  return KEYS.find(([pattern]) => pattern.test(lower))?.[1] ?? NUMBER;
}

/** What is left out on purpose, in lower case. */
const LEFT_OUT = new Set([
  "time", // the time of the other keys
  "msg", // how many messages a node has sent
  "rssi", // how well its radio was heard
  "describe", // the name of a template for emoncms' settings
]);

export function isLeftOut(name: string): boolean {
  return LEFT_OUT.has(name.toLowerCase());
}
