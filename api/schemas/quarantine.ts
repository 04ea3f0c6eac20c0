// Quarantine as the API shows it: messages, counts, the declared policy, and requests to read again.
import { Type } from "typebox";
import { QUARANTINE_REASONS } from "#devices/vocabulary";
import { CivilDate, Id, Instant, body, listOf, named, nullable, oneOf, ref } from "./shape.ts";

export const Reason = oneOf(QUARANTINE_REASONS);

export const QuarantinedMessage = named("QuarantinedMessage", {
  id: Id,
  deviceId: nullable(Id),
  buildingId: nullable(Id),
  externalId: nullable(
    Type.String({
      description: "How the gateway that is the device calls whoever spoke; null: the device itself.",
    }),
  ),
  receivedAt: Instant,
  clientId: Type.String({ description: "Bytes that are not UTF-8 are shown as U+FFFD." }),
  topic: Type.String({ description: "Without the device's mount." }),
  payload: Type.String({ description: "The first 4,096 bytes, base64.", contentEncoding: "base64" }),
  payloadBytes: Type.Integer(),
  retained: Type.Boolean(),
  profile: nullable(Type.String({ description: "As which it was read last." })),
  reason: Reason,
  detail: Type.String(),
  traceId: nullable(Type.String({ description: "Under which the log names this message." })),
  attempts: Type.Integer({ description: "How often it was read again." }),
  replayRequestedAt: nullable(Instant),
  replayedAt: nullable(Type.String({ format: "date-time", description: "Since when it is readings." })),
});
export const QuarantinedMessageList = listOf(QuarantinedMessage);

const Bytes = Type.Integer({ description: "Of payload." });

const ReasonCount = named("QuarantineReasonCount", {
  reason: Reason,
  waiting: Type.Integer(),
  requested: Type.Integer({ description: "Of those that wait: marked to be read again." }),
  replayed: Type.Integer(),
  bytes: Bytes,
  oldestAt: Instant,
  newestAt: Instant,
});

const DeviceCount = named("QuarantineDeviceCount", {
  deviceId: nullable(Id),
  buildingId: nullable(Id),
  name: nullable(Type.String()),
  waiting: Type.Integer(),
  replayed: Type.Integer(),
  bytes: Bytes,
  reasons: Type.Record(Type.String(), Type.Integer(), { description: "Messages that wait, by reason." }),
});

export const QuarantineSummary = named("QuarantineSummary", {
  reasons: Type.Array(ref(ReasonCount)),
  items: Type.Array(ref(DeviceCount)),
  nextCursor: nullable(
    Type.String({ description: "Pass it as `cursor` for the next devices; null on the last page." }),
  ),
});

const Quota = named("QuarantineQuota", { messagesMax: Type.Integer(), bytesMax: Bytes });

export const QuarantinePolicy = named("QuarantinePolicy", {
  expiresAfterDays: Type.Integer({ description: "After it was received." }),
  quotas: Type.Object({
    sender: ref(Quota),
    device: ref(Quota),
  }),
  deleted: Type.Array(
    Type.Object({
      policy: oneOf(["quarantine_expiry", "quarantine_quota"]),
      messages: Type.Integer(),
      bytes: Bytes,
      lastDay: CivilDate,
    }),
  ),
});

export const QuarantineReplayRequest = body("QuarantineReplayRequest", {
  deviceId: Type.Optional(Id),
  reason: Type.Optional(Reason),
});
export const QuarantineReplayAnswer = named("QuarantineReplayAnswer", {
  requested: Type.Integer({
    description: "Messages that were marked; those that were marked already are not counted.",
  }),
});
