// From a Sparkplug device and a metric to the register; the same register is always the same object.
import type { RegisterSpec } from "#devices/reading";
import { quantityOf } from "#devices/units";
import { carrierByWords, directionByWords, isCounted } from "../carrier-words.ts";
import { createRegisterMemory, ownCopy } from "../register-memory.ts";
import { unitOfText } from "../unit-words.ts";

const remembered = createRegisterMemory();
const NAME_MAX = 200;
/** Phases stand beside the whole. */
const PHASE = /^(?:l[123]|p[123]|phase[abc123]?)$/;

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
  const words = new Set(name.toLowerCase().split(/[^a-z0-9]+/));
  const unit =
    unitOf(stated) ?? unitOf(name.split(/[^A-Za-z0-9°³%]+/).findLast((word) => word !== "") ?? "") ?? "";
  const quantity = unit === "" ? "number" : (quantityOf(unit) ?? "number");
  const isPhase = [...words].some((word) => PHASE.test(word));
  const carrier = isPhase ? null : carrierByWords(quantity, words);
  return {
    name,
    equipmentId,
    carrier,
    quantity,
    unit,
    kind: isCounted(quantity) ? "cumulative" : "instantaneous",
    tariff: null,
    direction: directionByWords(quantity, carrier, words),
    keepEveryS: 60,
  };
}

function unitOf(text: string): string | undefined {
  const unit = quantityOf(text) === undefined ? unitOfText(text) : text;
  return unit === undefined || text === "" ? undefined : unit;
}
