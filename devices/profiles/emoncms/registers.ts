// From a node and a key to the register; the same register is always the same object.
import type { RegisterSpec } from "#devices/reading";
import type { Carrier, Direction } from "#devices/vocabulary";
import { directionByWords } from "../carrier-words.ts";
import { wordsOf } from "../name-words.ts";
import { keyOf } from "./keys.ts";

const known = new Map<string, RegisterSpec>();
const KNOWN_MAX = 100_000;

/** Nodes speak every five or ten seconds. */
const KEEP_EVERY_S = 60;

/** `name`: node and key. `expectedIntervalS`: a device registered with a minute or more has all its values kept. */
export function registerOf(name: string, key: string, expectedIntervalS: number | null): RegisterSpec {
  const keepEveryS = (expectedIntervalS ?? 0) >= KEEP_EVERY_S ? 0 : KEEP_EVERY_S;
  const identity = `${keepEveryS} ${name}`;
  const spec = known.get(identity);
  if (spec !== undefined) return spec;
  if (known.size >= KNOWN_MAX) known.clear();
  const { unit, quantity, cumulative } = keyOf(key);
  const fresh: RegisterSpec = {
    name,
    equipmentId: "",
    ...belongingOf(key, quantity),
    quantity,
    unit,
    kind: cumulative ? "cumulative" : "instantaneous",
    tariff: null,
    keepEveryS,
    timedByBroker: true,
  };
  known.set(identity, fresh);
  return fresh;
}

const WHOLE = /^(?:grid_)?(import|export)_k?wh$/i;
const WHOLE_VOLUME = /^(gas|water)_m3$/i;
const ELECTRICAL = new Set(["power", "apparent-power", "reactive-power", "voltage", "current", "frequency"]);

/**
 * A clamp is around the main, a phase, one circuit or the panels: E1 belongs to a supply point only when a person says so. Names
 * that say import or export of the whole are believed, and those that say gas or water and nothing else.
 */
function belongingOf(
  key: string,
  quantity: string,
): { readonly carrier: Carrier | null; readonly direction: Direction | null } {
  if (quantity === "energy") {
    const direction = WHOLE.exec(key)?.[1]?.toLowerCase();
    if (direction === "import" || direction === "export") return { carrier: "electricity", direction };
    return { carrier: null, direction: null };
  }
  if (quantity === "volume") {
    const carrier = WHOLE_VOLUME.exec(key)?.[1]?.toLowerCase();
    if (carrier === "gas" || carrier === "water") return { carrier, direction: "import" };
    return { carrier: null, direction: null };
  }
  const carrier = ELECTRICAL.has(quantity) ? "electricity" : null;
  return { carrier, direction: directionByWords(quantity, carrier, new Set(wordsOf(key))) };
}
