// Decodes what ChirpStack v4 publishes of a device: `application/<id>/device/<DevEUI>/event/<kind>`, in its JSON.
//
// Its JSON is that of protobuf: a field that is zero is absent (fPort, fCnt, a battery level of 0), so absence is never read as
// a value. Readings come with `up` and `status`; join, ack, txack, log and location are of no interest.
import { decimalOfJson } from "#devices/decimal";
import { JsonNumber } from "#devices/json";
import type { Decoded, Decoder } from "#devices/reading";
import { ClockSource } from "#devices/vocabulary";
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
import { fieldNameOf } from "../lorawan/field-name.ts";
import { registerOf } from "../lorawan/registers.ts";

const KINDS = new Set(["up", "status", "join", "ack", "txack", "log", "location", "integration"]);
/** Members that only one kind of event has, for messages that come without their topic (HTTP integrations, bridges). */
const TOLD_BY: readonly (readonly [kind: string, members: readonly string[]])[] = [
  ["up", ["object", "data", "rxInfo", "dr"]],
  ["status", ["batteryLevel", "batteryLevelUnavailable", "externalPowerSource", "margin"]],
  ["txack", ["downlinkId"]],
  ["ack", ["queueItemId", "acknowledged"]],
  ["log", ["level", "code", "description"]],
  ["location", ["location"]],
  ["join", ["devAddr", "relayRxInfo"]],
  ["integration", ["integrationName"]],
];

/** Pure and total. The time is the payload's own where the codec found one, else the network server's. */
export const decodeChirpstack: Decoder = (payload, context) => {
  const found = messageOf(payload);
  if ("reason" in found) return { observations: [], rejections: [found] };
  const { message } = found;
  const equipmentId = euiOf(member(message, "deviceInfo")?.["devEui"]);
  if (equipmentId === undefined) {
    const detail = "The message is no event of ChirpStack v4: it names no device (deviceInfo.devEui).";
    return { observations: [], rejections: [{ reason: "reading_malformed", detail }] };
  }
  const kind = kindOf(message, context.topic);
  const serverMs = instantOf(message["time"]);
  if (kind === "status") return readStatus(message, equipmentId, serverMs);
  if (kind !== "up") return NOTHING;
  return readUplink(message["object"], message["data"], {
    equipmentId,
    serverMs,
    receivedAtMs: context.receivedAtMs,
  });
};

function kindOf(message: Message, topic: string): string | undefined {
  const named = /(?:^|\/)event\/([a-z]+)$/.exec(topic)?.[1];
  if (named !== undefined && KINDS.has(named)) return named;
  return TOLD_BY.find(([, members]) => members.some((name) => Object.hasOwn(message, name)))?.[0];
}

/** Per cent of the battery, from the answer to a DevStatusReq; absent where it is fed from outside, or does not say. */
function readStatus(message: Message, equipmentId: string, serverMs: number | undefined): Decoded {
  const level = message["batteryLevel"];
  const value = level instanceof JsonNumber ? decimalOfJson(level.text) : undefined;
  if (
    value === undefined ||
    message["externalPowerSource"] === true ||
    message["batteryLevelUnavailable"] === true
  ) {
    return NOTHING;
  }
  const place = { carrier: null, direction: null, tariff: null };
  const register = registerOf(equipmentId, fieldNameOf("batteryLevel", "%EL"), place);
  const clock = serverMs === undefined ? ClockSource.broker : ClockSource.networkServer;
  return { observations: [{ register, value, observedAtMs: serverMs, clock }], rejections: [] };
}

/** The DevEUI, of any event. */
export function recogniseChirpstack(_topic: string, payload: Uint8Array): string | undefined {
  const message = objectOf(payload);
  return message === undefined ? undefined : euiOf(member(message, "deviceInfo")?.["devEui"]);
}
