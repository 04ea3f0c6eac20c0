// Whether a message is a SenML pack, and whose.
import { isJsonObject } from "#devices/json";
import { beginsCbor } from "./cbor.ts";
import { parsePack } from "./pack.ts";

const OPENING = 0x5b;
/** §4.5.1, without what only separates the base name from the names that follow. */
const BASE_NAME = /^([A-Za-z0-9][A-Za-z0-9\-:./_]{0,199}?)[-:./_]*$/;
/** Longer ones are nobody's name, and matching goes back and forth over what it is given. */
const BASE_NAME_MAX = 256;
const OWN_LABELS = ["n", "v", "vb", "vs", "vd", "s", "bn", "bt", "bu", "bv", "bs", "bver"];

/** The base name of the pack's first record (§4.1); "" for a pack without one; `undefined` for anything else. */
export function recogniseSenml(_topic: string, payload: Uint8Array): string | undefined {
  if (payload[0] !== OPENING && !beginsCbor(payload)) return undefined;
  const parsed = parsePack(payload);
  if ("reason" in parsed || !Array.isArray(parsed.value)) return undefined;
  const first: unknown = parsed.value[0];
  if (!isJsonObject(first) || !OWN_LABELS.some((label) => Object.hasOwn(first, label))) return undefined;
  const baseName = first["bn"];
  if (typeof baseName !== "string" || baseName.length > BASE_NAME_MAX) return "";
  return BASE_NAME.exec(baseName)?.[1] ?? "";
}
