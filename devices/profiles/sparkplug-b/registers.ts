// From a Sparkplug device and a metric to the register; the same register is always the same object.
import type { RegisterSpec } from "#devices/reading";
import { meaningOf, unitOfDeclared } from "../declared-meaning.ts";
import { createRegisterMemory, ownCopy } from "../register-memory.ts";
import { unitOfText } from "../unit-words.ts";

const remembered = createRegisterMemory();
const NAME_MAX = 200;
// eslint-disable-next-line no-control-regex
const UNPRINTABLE = /[\x00-\x1f\x7f]/;

/** `undefined`: a name that no register can bear. `stated`: the unit that the birth declares. */
export function registerOf(
  device: string,
  name: string,
  stated: string | undefined,
): RegisterSpec | undefined {
  if (name === "" || name.length > NAME_MAX || UNPRINTABLE.test(name) || !name.isWellFormed())
    return undefined;
  const text = stated ?? "";
  return remembered(device, `${name} ${text}`, (equipmentId) => specOf(equipmentId, ownCopy(name), text));
}

function specOf(equipmentId: string, name: string, stated: string): RegisterSpec {
  const { carrier, quantity, unit, kind, direction, tariff } = meaningOf(
    unitOfDeclared(stated) ?? suffixOf(name),
    { telling: [name] },
  );
  return { name, equipmentId, carrier, quantity, unit, kind, tariff, direction, keepEveryS: 60 };
}

/** The unit that a name ends with, or bears: `Power_W`, `Energy (kWh)`. A letter alone may be a phase or a row, so the name must fit it. */
function suffixOf(name: string): string | undefined {
  const words = name.split(/[^A-Za-z0-9°³%]+/).filter((one) => one !== "");
  const last = words.at(-1) ?? "";
  const fits = SINGLE.get(last);
  const unit = last.length > 1 || fits?.test(name) === true ? unitOfText(last) : undefined;
  return unit ?? words.map((word) => ANYWHERE.get(word.toLowerCase())).find((one) => one !== undefined);
}

/** What is nothing but a unit, wherever it stands: `kWh Total`. */
const ANYWHERE: ReadonlyMap<string, string> = new Map([
  ["kwh", "kWh"],
  ["m3", "m3"],
  ["m³", "m3"],
]);

const SINGLE: ReadonlyMap<string, RegExp> = new Map([
  ["W", /power|demand/i],
  ["V", /volt/i],
  ["A", /current|amp/i],
  ["C", /temp/i],
  ["%", /./],
]);
