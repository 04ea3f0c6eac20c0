// Decodes uplinks of The Things Stack v3: `v3/<application>@<tenant>/devices/<device>/up`, and the same JSON from a webhook.
//
// Joins, downlinks and their acknowledgements, solved locations and service data are of no interest. Empty and zero fields of
// the envelope are omitted (f_port, f_cnt), and nothing is read from their absence.
import type { Decoder } from "#devices/reading";
import { NOTHING } from "../answer.ts";
import {
  euiOf,
  instantOf,
  member,
  messageOf,
  objectOf,
  readUplink,
  type Message,
} from "../lorawan/envelope.ts";

const DEVICE_ID = /^[a-z0-9](?:[a-z0-9-]{0,34}[a-z0-9])?$/;

/** Pure and total. The time is the payload's own where the codec found one, else when the network server got the uplink. */
export const decodeTts: Decoder = (payload, context) => {
  const found = messageOf(payload);
  if ("reason" in found) return { observations: [], rejections: [found] };
  const message = unwrapped(found.message);
  const equipmentId = message === undefined ? undefined : deviceOf(message);
  if (message === undefined || equipmentId === undefined) {
    const detail = "The message is none of The Things Stack v3: it names no device (end_device_ids).";
    return { observations: [], rejections: [{ reason: "reading_malformed", detail }] };
  }
  const uplink = member(message, "uplink_message");
  if (uplink === undefined) return NOTHING;
  const serverMs = instantOf(uplink["received_at"]) ?? instantOf(message["received_at"]);
  const object = hasFields(uplink["decoded_payload"])
    ? uplink["decoded_payload"]
    : (uplink["normalized_payload"] ?? uplink["decoded_payload"]);
  return readUplink(object, uplink["frm_payload"], {
    equipmentId,
    serverMs,
    receivedAtMs: context.receivedAtMs,
  });
};

/** A codec may give nothing of its own and normalise all. */
function hasFields(decoded: unknown): boolean {
  return typeof decoded === "object" && decoded !== null && Object.keys(decoded).length > 0;
}

/** The storage integration wraps a message in `result`, the event stream in `data`. */
function unwrapped(message: Message): Message | undefined {
  return [message, member(message, "result"), member(message, "data")].find(
    (one) => one !== undefined && member(one, "end_device_ids") !== undefined,
  );
}

/** The DevEUI; a device that was activated by hand may have none, and is named by its identifier. */
function deviceOf(message: Message): string | undefined {
  const ids = member(message, "end_device_ids");
  const id = ids?.["device_id"];
  return euiOf(ids?.["dev_eui"]) ?? (typeof id === "string" && DEVICE_ID.test(id) ? id : undefined);
}

/** The DevEUI, of any message. */
export function recogniseTts(_topic: string, payload: Uint8Array): string | undefined {
  const message = objectOf(payload);
  const own = message === undefined ? undefined : unwrapped(message);
  return own === undefined ? undefined : deviceOf(own);
}
