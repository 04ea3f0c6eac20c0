// Whether a message is one of emoncms, and of which node.
import { JsonNumber, isJsonObject, parseJson } from "#devices/json";
import { nodeOf } from "./topics.ts";

const OPENING = 0x7b;
/** Numbers, alone or in a row. */
const ROW = /^\s*[-+]?[\d.][\d.eE+-]*(?:,\s*[-+]?[\d.][\d.eE+-]*)*\s*$/;
const ROW_BYTES_MAX = 2000;

/** The base with the node; `undefined` for anything that is not numbers on the usual base. Another base must be claimed by hand. */
export function recogniseEmoncms(topic: string, payload: Uint8Array): string | undefined {
  const node = nodeOf(topic);
  if (node === undefined) return undefined;
  const speaks = payload[0] === OPENING ? isFlat(payload) : isRow(payload);
  return speaks ? `emon/${node}` : undefined;
}

/** Numbers by key, and perhaps a time: what others publish as JSON has texts and objects in it. */
function isFlat(payload: Uint8Array): boolean {
  const parsed = parseJson(payload, { depthMax: 1, objectsMax: 1, objectsName: "objects" });
  if ("reason" in parsed || !isJsonObject(parsed.value)) return false;
  const values = Object.entries(parsed.value).filter(([key]) => key.toLowerCase() !== "time");
  return values.length > 0 && values.every(([, value]) => value instanceof JsonNumber || value === null);
}

function isRow(payload: Uint8Array): boolean {
  if (payload.length > ROW_BYTES_MAX) return false;
  return ROW.test(Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString("latin1"));
}
