// What the name of a field in a decoded object says: its words, its unit, and the quantity that they mean.
//
//   current_volume_m3   current volume m3        m3    the last word is a unit
//   TempC_SHT           temp c sht               Cel   a letter at the end of a word, beside the word that it belongs to
//   airhumidity         airhumidity              %RH   a quantity that everybody gives in one unit
//   zisternenpegel      zisternenpegel           ""    a number whose unit nobody tells
import { quantityOf } from "#devices/units";
import { ownCopy } from "../register-memory.ts";
import { unitOfText } from "../unit-words.ts";

export type FieldName = {
  readonly name: string;
  /** In small letters. */
  readonly words: readonly string[];
  /** "" where nothing tells it. */
  readonly unit: string;
  /** As `quantityOf` the unit; `number` without one. */
  readonly quantity: string;
};

const SEPARATORS = /[\s_.\-/:()[\]]+/;
/** `EnergyForHeating`, `BatV`, `TempC`: where a small letter or a digit meets a capital. */
const HUMP = /(?<=[a-z0-9])(?=[A-Z])/;
/** Words before a single capital letter that make it a name, not a unit: phase A, channel C. */
const LABELLED = new Set([
  "phase",
  "channel",
  "ch",
  "port",
  "input",
  "output",
  "relay",
  "line",
  "zone",
  "group",
]);

const known = new Map<string, FieldName>();
const KNOWN_MAX = 20_000;
const LENGTH_MAX = 200;

/** `stated`: the unit that stands beside the value; it outranks what the name says. */
export function fieldNameOf(name: string, stated?: string): FieldName {
  const key = stated === undefined ? name : `${name}\0${stated}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  const field = readName(ownCopy(name), stated);
  if (name.length > LENGTH_MAX) return field;
  if (known.size >= KNOWN_MAX) known.clear();
  known.set(ownCopy(key), field);
  return field;
}

function readName(name: string, stated: string | undefined): FieldName {
  const tokens = name.split(SEPARATORS).filter((token) => token !== "");
  const words = tokens.flatMap(wordsOf);
  const usual = usualUnit(words);
  const named =
    stated ??
    flowUnit(name) ??
    (untranslated(tokens) ? "" : (namedUnit(tokens, usual ?? kinOf(words)) ?? usual ?? ""));
  const unit = refined(named, words);
  return { name, words, unit, quantity: unit === "" ? "number" : (quantityOf(unit) ?? "number") };
}

/** `kWh` and `mA` have humps and are one word; `EnergykWh` and `BatV` are two. */
function wordsOf(token: string): string[] {
  if (unitOfText(token) !== undefined) return [token.toLowerCase()];
  const tail = /^(.*?[a-z0-9])((?:k|M)?Wh|m3|mA|mV|k?W|V|A|C)$/.exec(token);
  if (tail?.[1] !== undefined && tail[2] !== undefined) {
    return [...tail[1].split(HUMP), tail[2]].map((word) => word.toLowerCase());
  }
  return token.split(HUMP).map((word) => word.toLowerCase());
}

function flowUnit(name: string): string | undefined {
  if (/(?:^|[\W_])m(?:3|³)[_/]?h$/i.test(name)) return "m3/h";
  return /(?:^|[\W_])l[_/]h$/i.test(name) ? "l/h" : undefined;
}

/** The unit among the words, the last one first. A single letter must agree with the quantity that the others name. */
function namedUnit(tokens: readonly string[], usual: string | undefined): string | undefined {
  for (let at = tokens.length - 1; at >= 0; at--) {
    const token = tokens[at] ?? "";
    const last = at === tokens.length - 1;
    const unit = unitOfText(token) ?? (token.length === 1 ? unitOfText(token.toUpperCase()) : undefined);
    if (unit !== undefined && fits(token, unit, last, tokens[at - 1], usual)) return unit;
    const tail = /[a-z0-9](kWh|MWh|Wh|m3|mA|mV|kW|W|V|A|C)$/.exec(token)?.[1];
    const joined = tail === undefined ? undefined : unitOfText(tail);
    const agreed = tail?.length !== 1 || (usual !== undefined && agrees(joined ?? "", usual));
    if (joined !== undefined && agreed) return joined;
  }
  return undefined;
}

function fits(
  token: string,
  unit: string,
  last: boolean,
  before: string | undefined,
  usual: string | undefined,
): boolean {
  if (token.length > 1 && token !== "VA") return true;
  // Of three phases the first is a.
  if (usual !== undefined) return token !== "a" && agrees(unit, usual);
  if (!last || token !== token.toUpperCase()) return token === "l" && last;
  return before !== undefined && !LABELLED.has(before.toLowerCase());
}

/** A quantity without a usual unit still says which single letter is its unit. */
function kinOf(words: readonly string[]): string | undefined {
  if (words.some((word) => word === "current" || word === "amperage")) return "A";
  return words.some((word) => word.endsWith("volume")) ? "l" : undefined;
}

function agrees(unit: string, usual: string | undefined): boolean {
  return usual === undefined || quantityOf(unit) === quantityOf(usual);
}

/** Units that nobody here converts: beside one of them the usual unit of a quantity would be wrong by a factor. */
const UNTRANSLATED =
  /^(?:\w*[a-z0-9])?(?:[muµn](?:W|Wh)|[uµn][VA]|[kMG](?:V|Hz)|F|K)$|^f$|^fahrenheit$|^kelvin$/;

function untranslated(tokens: readonly string[]): boolean {
  return (
    tokens.some((token, at) => at > 0 && UNTRANSLATED.test(token)) || UNTRANSLATED.test(tokens.at(-1) ?? "")
  );
}

/** Per cent of what? Of relative humidity and of a battery's charge it has a unit of its own. */
function refined(unit: string, words: readonly string[]): string {
  if (unit !== "%") return unit;
  if (words.some(isHumidity)) return "%RH";
  return words.some((word) => word.startsWith("bat")) ? "%EL" : unit;
}

const isHumidity = (word: string): boolean =>
  word === "hum" || word === "rh" || word.endsWith("humidity") || word.endsWith("humidite");

/** A state, a rank, a share or a count, whatever quantity it is of. */
const NO_QUANTITY =
  /^(?:factor|status|state|mode|source|cycles?|counts?|alarms?|events?|levels?|type|code|id|index|flags?|error|valve|position|percent|pct|version|consumption|supply|sum)$/;

const USUAL: readonly (readonly [unit: string, test: (word: string) => boolean])[] = [
  ["Cel", (word) => /^(?:temp|tmp|temp\d{1,2})$/.test(word) || /temperatur(?:e\d{0,2})?$/.test(word)],
  ["%RH", isHumidity],
  ["V", (word) => /^(?:bat|vbat|batv)$/.test(word) || /(?:voltage|volt)\d{0,2}$/.test(word)],
  ["Hz", (word) => word === "frequency" || word === "freq"],
  ["lx", (word) => word === "illuminance" || word === "illumination"],
  ["ppm", (word) => word === "co2"],
  ["count", (word) => /^pulses?\d{0,2}$/.test(word)],
];

/** The unit in which a quantity is given where a name says no other; energy, volume and current (A or mA) have no usual one. */
function usualUnit(words: readonly string[]): string | undefined {
  const ofBattery = words.includes("bat") && words.some((word) => /^(?:level|pct|percent|%)$/.test(word));
  if (ofBattery || words.some((word) => NO_QUANTITY.test(word))) return undefined;
  for (const [unit, test] of USUAL) if (words.some(test)) return unit;
  if (words.some((word) => word === "power" || word.endsWith("power"))) {
    if (words.includes("apparent")) return "VA";
    return words.includes("reactive") ? "var" : "W";
  }
  return undefined;
}
