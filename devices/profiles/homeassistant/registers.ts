// From a described sensor to the register; the same register is always the same object.
import type { RegisterSpec } from "#devices/reading";
import { isCounted } from "../carrier-words.ts";
import { meaningOf, uncounted, unitOfDeclared, type Meaning } from "../declared-meaning.ts";
import { createRegisterMemory, ownCopy } from "../register-memory.ts";
import { TEXTS, type StoredSensor } from "./stored-sensor.ts";

const remembered = createRegisterMemory();
const KEEP_EVERY_S = 60;

/**
 * Most senders publish their whole memory with every change (Zigbee2MQTT, bridges): an index that did not change is a repetition.
 * The format has no place for a time.
 */
export function registerOf(sensor: StoredSensor): RegisterSpec {
  const { n, e, u, d, k, w, i } = sensor;
  return remembered(e, JSON.stringify([n, u, d, k, w, i]), (equipmentId) => {
    const meaning = ofStateClass(meaningOfSensor(sensor), k);
    const counted = meaning.kind === "cumulative";
    return {
      name: ownCopy(n),
      equipmentId,
      ...meaning,
      keepEveryS: counted ? 0 : KEEP_EVERY_S,
      onChange: counted,
      timedByBroker: counted,
    };
  });
}

/** What the device class says outranks the words of the name. */
function meaningOfSensor({ u, d, w, i }: StoredSensor): Meaning {
  if (d === "power_factor" && u === "") return uncounted("/", "ratio");
  const unit = d === "humidity" && u.trim() === "%" ? "%RH" : unitOfDeclared(u);
  if (d === "energy_storage" || d === "volume_storage") {
    const { unit: known, quantity } = meaningOf(unit, { telling: [] });
    return uncounted(known, isCounted(quantity) ? `stored-${quantity}` : quantity);
  }
  const telling = w.split(TEXTS);
  const ids = i?.split(TEXTS) ?? [];
  const isMedium = d === "gas" || d === "water";
  const meaning = meaningOf(unit, {
    telling: isMedium ? [...telling, d] : telling,
    ids: isMedium ? [] : ids,
  });
  // Beside "gas" in the name of a boiler, water is water.
  return d === "water" && meaning.quantity === "volume" && meaning.carrier !== null
    ? { ...meaning, carrier: "water" }
    : meaning;
}

/**
 * `total` and `total_increasing` are indices, and `measurement` is a value of the moment, whatever the unit. A sensor in kWh
 * without a class is an index as a rule, but nobody says of what: it has no carrier.
 */
function ofStateClass(meaning: Meaning, stateClass: string): Meaning {
  const { quantity, kind, unit } = meaning;
  if (stateClass.startsWith("total")) {
    const isIndex = !/^(?:step|stored)-/.test(quantity) && quantity !== "power" && quantity !== "ratio";
    return isIndex ? { ...meaning, kind: "cumulative" } : meaning;
  }
  if (kind !== "cumulative") return meaning;
  if (stateClass === "") return { ...meaning, carrier: null, direction: null, tariff: null };
  return uncounted(unit, `step-${quantity}`);
}
