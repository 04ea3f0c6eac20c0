// A message of a Sinapsi Alfa: one or several units, each with the readings of its point of delivery.
//
//   [{"du":"DU12345678","pod":"IT00123456789A","data":[{"ts":"1757506202","1-0:1.7.0.255_3,0_2":"59"}]}]
import { isJsonObject, parseJson, type JsonBounds } from "#devices/json";
import type { Rejection } from "#devices/reading";

export type Unit = {
  /**
   * The point of delivery. `du` numbers the reader in the flat, not the meter: a reader that is replaced must not look like a
   * meter that was, and neither of the two tells a new meter.
   */
  readonly pod: string;
  readonly readings: readonly unknown[];
};

const BOUNDS: JsonBounds = { depthMax: 6, objectsMax: 5000, objectsName: "readings" };
const ID = /^[0-9A-Za-z-]{1,40}$/;

/** The units of a payload, in their order; `undefined` for JSON of any other shape. */
export function unitsOf(payload: Uint8Array): readonly (Unit | undefined)[] | Rejection | undefined {
  const parsed = parseJson(payload, BOUNDS);
  if ("reason" in parsed) return parsed;
  const list: readonly unknown[] = Array.isArray(parsed.value) ? parsed.value : [parsed.value];
  const units = list.map(unitOf);
  return units.some((unit) => unit !== undefined) ? units : undefined;
}

function unitOf(value: unknown): Unit | undefined {
  if (!isJsonObject(value)) return undefined;
  const { pod, du, data } = value;
  const id = isId(pod) ? pod : du;
  if (!isId(id) || !Array.isArray(data)) return undefined;
  return { pod: id, readings: data };
}

function isId(value: unknown): value is string {
  return typeof value === "string" && ID.test(value);
}

const OPENINGS = new Set([0x5b, 0x7b]);
/** `/USERNAME/iomtsgdata/ACTIVATION_KEY`, with or without the slashes at its ends. */
const TOPIC = /^\/?[^/]+\/iomtsgdata\/[^/]+\/?$/;

/** The point of delivery of the first unit. On any topic the shape tells the family; on Sinapsi's own, what is broken is named by it. */
export function recogniseSinapsi(topic: string, payload: Uint8Array): string | undefined {
  if (payload[0] === undefined || !OPENINGS.has(payload[0])) return undefined;
  const units = unitsOf(payload);
  const found = Array.isArray(units) ? units.find((unit) => unit !== undefined) : undefined;
  if (found === undefined) return undefined;
  return TOPIC.test(topic) || found.readings.some(isReading) ? found.pod : undefined;
}

function isReading(value: unknown): boolean {
  return isJsonObject(value) && Object.hasOwn(value, "ts");
}
