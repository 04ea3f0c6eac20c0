// The sensors that were described, by the topic on which their state comes.
import type { RegisterSpec } from "#devices/reading";
import { registerOf } from "./registers.ts";
import { templateOf, WHOLE_PAYLOAD, type Template } from "./template.ts";

/** A fact: what a discovery message says of a sensor, its letters short because there are hundreds. */
export type StoredSensor = {
  /** State topic. */
  readonly s: string;
  /** Value template. */
  readonly t?: string;
  /** Template of the last reset. */
  readonly l?: string;
  /** Unit, device class, state class; "" for none. */
  readonly u: string;
  readonly d: string;
  readonly k: string;
  /** The register's name, and the device it is of. */
  readonly n: string;
  readonly e: string;
  /** The words by which it is called. */
  readonly w: string;
  /** Other topics of it. */
  readonly o: readonly string[];
};

/** Of any other component the topics alone: what comes on them is of no interest. */
export type StoredComponent = StoredSensor | { readonly o: readonly string[] };

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
function storedIn(text: string): StoredComponent | undefined {
  try {
    const stored: unknown = JSON.parse(text);
    const isOurs = typeof stored === "object" && stored !== null && "o" in stored && Array.isArray(stored.o);
    return isOurs ? (stored as StoredComponent) : undefined;
  } catch {
    return undefined;
  }
}

function readSensors(facts: ReadonlyMap<string, string>): Sensors {
  const byTopic = new Map<string, Sensor[]>();
  const others = new Set<string>();
  for (const [key, text] of facts) {
    if (!key.startsWith("config ") || text === "") continue;
    const stored = storedIn(text);
    if (stored === undefined) continue;
    for (const topic of stored.o) others.add(topic);
    if (!("s" in stored)) continue;
    const template = stored.t === undefined ? WHOLE_PAYLOAD : templateOf(stored.t);
    if (template === undefined) continue;
    const sensors = byTopic.get(stored.s) ?? [];
    sensors.push({ register: registerOf(stored), template, lastReset: stored.l });
    byTopic.set(stored.s, sensors);
  }
  return { byTopic, others };
}
