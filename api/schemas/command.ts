// Commands to devices: messages that wait until the device has acknowledged them.
import { Type } from "typebox";
import { Id, Instant, body, listOf, named, nullable, oneOf } from "./shape.ts";

export const COMMAND_PAYLOAD_BYTES_MAX = 65_536;
const BASE64_LENGTH_MAX = 4 * Math.ceil(COMMAND_PAYLOAD_BYTES_MAX / 3);
const WEEK_S = 604_800;

export const DeviceCommand = named("DeviceCommand", {
  id: Id,
  deviceId: Id,
  topic: Type.String({ description: "As the device knows it." }),
  payloadBase64: Type.String({ contentEncoding: "base64" }),
  state: Type.Unsafe<"pending" | "sent" | "delivered" | "expired" | "cancelled">({
    ...oneOf(["pending", "sent", "delivered", "expired", "cancelled"]),
    description:
      "`sent`: on its way, or handed to a subscription of QoS 0, which never acknowledges. `delivered`: the device acknowledged it. `expired`: it had not by `expiresAt`.",
  }),
  createdAt: Instant,
  expiresAt: Instant,
  sentAt: nullable(Instant),
  settledAt: nullable(Instant),
  attempts: Type.Integer({
    description: "How often it was sent: the device may have received it more than once.",
  }),
});
export const DeviceCommandList = listOf(DeviceCommand);
export const NewDeviceCommand = body("NewDeviceCommand", {
  topic: Type.String({
    minLength: 1,
    maxLength: 1024,
    description: "As the device knows it; sent to connections of the device that subscribe to it.",
    examples: ["cmnd/POWER"],
  }),
  payload: Type.Optional(
    Type.String({ maxLength: COMMAND_PAYLOAD_BYTES_MAX, description: "As text; or `payloadBase64`." }),
  ),
  payloadBase64: Type.Optional(
    Type.String({
      maxLength: BASE64_LENGTH_MAX,
      contentEncoding: "base64",
      pattern: "^[A-Za-z0-9+/]*={0,2}$",
    }),
  ),
  expiresInS: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: WEEK_S,
      default: 3600,
      description: "Seconds until it is given up.",
    }),
  ),
});
