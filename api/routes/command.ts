// Commands to devices: written down, listed with their outcome, withdrawn while no broker has sent them.
import { KoproError } from "#devices/error";
import { SECOND_MS } from "#devices/time";
import { publishFault } from "#devices/topic";
import type { Role } from "#devices/vocabulary";
import {
  cancelCommand,
  createCommand,
  inTransaction,
  listCommands,
  WAITING_COMMANDS_MAX,
  type DeviceCommand as CommandRow,
} from "#store";
import { idOf, notFound, viewerOf } from "../access.ts";
import { invalid, listed, pageRequest } from "../identifier.ts";
import {
  COMMAND_PAYLOAD_BYTES_MAX,
  DeviceCommand,
  DeviceCommandList,
  NewDeviceCommand,
  Nothing,
  PAGE,
  query,
  ref,
} from "../schemas/index.ts";
import type { Api, Services } from "../services.ts";

const KEEPERS: readonly Role[] = ["admin", "coordinator"];
const EXPIRES_DEFAULT_S = 3600;
const TOPIC_BYTES_MAX = 1024;

export function commandRoutes(app: Api, { pool }: Services): void {
  app.get(
    "/v1/devices/:id/commands",
    {
      config: { access: { roles: KEEPERS, sees: ["device", "id"] } },
      schema: {
        summary: "What the device was told, newest first, and whether it acknowledged it",
        tags: ["Devices"],
        querystring: query(PAGE),
        response: { 200: ref(DeviceCommandList) },
      },
    },
    async (request) =>
      listed(
        await listCommands(pool, viewerOf(request).scope, idOf(request), pageRequest(request.query)),
        presentCommand,
      ),
  );

  app.post(
    "/v1/devices/:id/commands",
    {
      config: { access: { roles: KEEPERS, sees: ["device", "id"] } },
      schema: {
        summary: "Tell the device something: kept until it acknowledges it, or until it expires",
        tags: ["Devices"],
        body: ref(NewDeviceCommand),
        response: { 201: ref(DeviceCommand) },
      },
    },
    async (request, reply) => {
      const { scope } = viewerOf(request);
      const { topic, expiresInS = EXPIRES_DEFAULT_S } = request.body;
      const input = {
        topic: topicIn(topic),
        payload: payloadIn(request.body),
        expiresAtMs: scope.atMs + expiresInS * SECOND_MS,
      };
      const created = await inTransaction(pool, (client) =>
        createCommand(client, scope, idOf(request), input),
      );
      if (created === "unknown_device") throw notFound();
      if (created === "too_many") {
        throw new KoproError(
          "state_forbidden",
          `${WAITING_COMMANDS_MAX} commands wait for this device already; cancel some, or wait until they expire.`,
        );
      }
      void reply.code(201);
      return presentCommand(created);
    },
  );

  app.delete(
    "/v1/devices/:id/commands/:commandId",
    {
      config: { access: { roles: KEEPERS, sees: ["device", "id"] } },
      schema: {
        summary: "Withdraw a command that was not sent yet",
        tags: ["Devices"],
        response: { 204: Nothing },
      },
    },
    async (request, reply) => {
      const { scope } = viewerOf(request);
      const outcome = await cancelCommand(pool, scope, idOf(request), idOf(request, "commandId"));
      if (outcome === "unknown_command") throw notFound();
      if (outcome === "sent_or_settled") {
        throw new KoproError(
          "state_forbidden",
          "Only a pending command can be withdrawn; this one was sent, or has ended.",
        );
      }
      return reply.code(204).send(null);
    },
  );
}

function topicIn(topic: string): string {
  const fault = publishFault(topic);
  if (fault !== undefined || !topic.isWellFormed())
    throw invalid("/topic", `nobody may publish to it (${fault ?? "ill-formed text"})`);
  if (Buffer.byteLength(topic) > TOPIC_BYTES_MAX)
    throw invalid("/topic", `is longer than ${TOPIC_BYTES_MAX} bytes`);
  return topic;
}

function payloadIn(body: { payload?: string; payloadBase64?: string }): Buffer {
  const { payload, payloadBase64 } = body;
  if ((payload === undefined) === (payloadBase64 === undefined))
    throw invalid("/payload", "either payload or payloadBase64 is needed");
  const bytes =
    payload === undefined ? Buffer.from(payloadBase64 ?? "", "base64") : Buffer.from(payload, "utf8");
  if (bytes.length > COMMAND_PAYLOAD_BYTES_MAX)
    throw invalid("/payload", `is longer than ${COMMAND_PAYLOAD_BYTES_MAX} bytes`);
  return bytes;
}

function presentCommand(row: CommandRow) {
  return {
    id: String(row.id),
    deviceId: String(row.deviceId),
    topic: row.topic,
    payloadBase64: row.payload.toString("base64"),
    state: row.state,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
    sentAt: row.sentAt?.toISOString() ?? null,
    settledAt: row.settledAt?.toISOString() ?? null,
    attempts: row.attempts,
  };
}
