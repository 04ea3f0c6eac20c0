// Whether a message is a P1 telegram, and which meter sent it.
import { equipmentIdOf } from "./equipment-id.ts";
import { latin1 } from "./frames.ts";

/** The identifier stands among a telegram's first lines. */
const LOOKED_AT_BYTES = 4096;
const START = /^\s*\/[A-Za-z]/;
/** A line that begins with a code, without which a path would pass for a telegram. */
const CODED = /^\d{1,3}-\d{1,3}:\d{1,3}\.\d{1,3}\.\d{1,3}[(*]/m;
const MAIN_METER = /^0-0:96\.1\.1\(([\x20-\x7e]{0,96}?)\)/m;

/** The main meter's equipment identifier; "" for a telegram that names none; `undefined` for anything else. */
export function recogniseP1(_topic: string, payload: Uint8Array): string | undefined {
  const head = latin1(payload, 0, Math.min(LOOKED_AT_BYTES, payload.length));
  if (!START.test(head) || !CODED.test(head)) return undefined;
  return equipmentIdOf(MAIN_METER.exec(head)?.[1] ?? "") ?? "";
}
