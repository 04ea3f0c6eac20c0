// The sensors that were described, by the topic on which their state comes.
import type { RegisterSpec } from "#devices/reading";
import { otherTopicsOf } from "./other-topics.ts";
import { registerOf } from "./registers.ts";
import type { StoredSensor } from "./stored-sensor.ts";
import { templateOf, WHOLE_PAYLOAD, type Template } from "./template.ts";

export type Sensor = {
  readonly register: RegisterSpec;
  readonly template: Template;
  readonly lastReset: string | undefined;
};

export type Sensors = {
  readonly byTopic: ReadonlyMap<string, readonly Sensor[]>;
  /** Topics that were described and carry no reading. */
  readonly others: ReadonlySet<string>;
};

const NONE: Sensors = { byTopic: new Map(), others: new Set() };

/** What is made of the facts, as long as they are the same ones. */
const read = new WeakMap<object, Sensors>();

/** Facts change by what a discovery message gives alone, and that says so here. */
export function forgetSensors(facts: ReadonlyMap<string, string>): void {
  read.delete(facts);
}

export function sensorsOf(facts: ReadonlyMap<string, string> | undefined): Sensors {
  if (facts === undefined) return NONE;
  let sensors = read.get(facts);
  if (sensors === undefined) read.set(facts, (sensors = readSensors(facts)));
  return sensors;
}

/** `undefined` for a fact of another shape, which another profile or version may have left. */
function storedIn(text: string): StoredSensor | undefined {
  try {
    const stored: unknown = JSON.parse(text);
    const isOurs = typeof stored === "object" && stored !== null && "s" in stored && "o" in stored;
    return isOurs && Array.isArray(stored.o) ? (stored as StoredSensor) : undefined;
  } catch {
    return undefined;
  }
}

function readSensors(facts: ReadonlyMap<string, string>): Sensors {
  const byTopic = new Map<string, Sensor[]>();
  const others = otherTopicsOf(facts);
  for (const [key, text] of facts) {
    if (!key.startsWith("config ") || text === "") continue;
    const stored = storedIn(text);
    if (stored === undefined) continue;
    for (const topic of stored.o) others.add(topic);
    const template = stored.t === undefined ? WHOLE_PAYLOAD : templateOf(stored.t);
    if (template === undefined) continue;
    const sensors = byTopic.get(stored.s) ?? [];
    sensors.push({ register: registerOf(stored), template, lastReset: stored.l });
    byTopic.set(stored.s, sensors);
  }
  return { byTopic, others };
}
