// The keys of a Chain2 reading: an OBIS code with the object it was read from, and what is known to stand behind it.
//
//   1-0:1.7.0.255_3,0_2            OBIS A-B:C.D.E.F _ class , version _ attribute (IEC 62056-6-2)
//   1-0:99.1.0.255_7,1_2___0       column 0 of a profile's buffer
import type { Carrier, Direction, RegisterKind } from "#devices/vocabulary";
import { ownCopy } from "../register-memory.ts";

export type Code = {
  /** `1-0:1.8.0`, or `1-0:99.1.0___0`: what the register is called. */
  readonly name: string;
  /** "" where nobody published the unit: kept as a number. */
  readonly unit: string;
  readonly quantity: string;
  readonly kind: RegisterKind;
  readonly carrier: Carrier | null;
  readonly direction: Direction | null;
  readonly tariff: string | null;
  /** The whole whose part this is: `1-0:1.8.0` of `1-0:1.8.2`. */
  readonly whole: string | null;
};

const KEY =
  /^(\d{1,3}-\d{1,3}:)(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.\d{1,3}_\d{1,3},\d{1,3}_\d{1,3}(___\d{1,3})?$/;
const DIRECTIONS: ReadonlyMap<number, Direction> = new Map<number, Direction>([
  [1, "import"],
  [2, "export"],
]);

/** No measurement: identifiers, the customer's code, the dates and names of contract and clock; and texts of any other code. */
const LEFT_OUT = /^0-\d{1,3}:(?:96\.1\.|94\.39\.(?!33$)|1\.0\.|0\.)|^1-0:(?:96\.1|0)\./;

const known = new Map<string, Code | null | undefined>();
const KNOWN_MAX = 5000;
const LENGTH_MAX = 64;

/** `undefined`: no key of a reading; `null`: left out on purpose. */
export function codeOf(key: string): Code | null | undefined {
  if (known.has(key)) return known.get(key);
  if (key.length > LENGTH_MAX || !KEY.test(key)) return undefined;
  if (known.size >= KNOWN_MAX) known.clear();
  // Cut out of a message, a key would keep the whole of it in memory.
  const own = ownCopy(key);
  const code = readKey(own);
  known.set(own, code);
  return code;
}

function readKey(key: string): Code | null | undefined {
  const match = KEY.exec(key);
  if (match === null) return undefined;
  const [, channel = "", cText = "", dText = "", eText = "", column = ""] = match;
  const name = `${channel}${cText}.${dText}.${eText}`;
  if (LEFT_OUT.test(name)) return null;
  const described = channel === "1-0:" ? electricity(Number(cText), Number(dText), Number(eText)) : {};
  return { ...NUMBER, name: name + column, ...(name === "0-0:96.14.0" ? TARIFF_NOW : described) };
}

const NUMBER: Omit<Code, "name"> = {
  unit: "",
  quantity: "number",
  kind: "instantaneous",
  carrier: null,
  direction: null,
  tariff: null,
  whole: null,
};
const TARIFF_NOW: Partial<Code> = { quantity: "tariff", carrier: "electricity" };

/** W, Wh and varh throughout, never a kilo; limits and counters of their crossings are numbers. */
function electricity(c: number, d: number, e: number): Partial<Code> {
  const direction = DIRECTIONS.get(c) ?? null;
  if (d === 8 && direction !== null) return energyIndex(c, e, direction);
  if (d === 8 && c >= 3 && c <= 8) {
    return {
      unit: "varh",
      quantity: "reactive-energy",
      kind: "cumulative",
      carrier: e === 0 ? "electricity" : null,
    };
  }
  if (direction !== null && e === 0) {
    const power = { unit: "W", carrier: "electricity", direction } as const;
    if (d === 7) return { ...power, quantity: "power" };
    // The mean of the last fifteen minutes.
    if (d === 27 || d === 4) return { ...power, quantity: "demand" };
    if (d === 6) return { ...power, quantity: "max-demand" };
  }
  // Energy of one quarter-hour. The index counts it already: with a carrier it would be counted twice.
  return c === 99 && d === 1 ? { unit: "Wh", quantity: "quarter-energy" } : {};
}

function energyIndex(c: number, e: number, direction: Direction): Partial<Code> {
  const tariff = e === 0 ? null : String(e);
  const whole = e === 0 ? null : `1-0:${c}.8.0`;
  return {
    unit: "Wh",
    quantity: "energy",
    kind: "cumulative",
    carrier: "electricity",
    direction,
    tariff,
    whole,
  };
}
