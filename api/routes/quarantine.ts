// Quarantine: what waits and why, how much of it, under which policy; and reading it again after a fix.
import { Type } from "typebox";
import { KoproError } from "#devices/error";
import { DAY_MS } from "#devices/time";
import type { Role } from "#devices/vocabulary";
import {
  findQuarantined,
  listQuarantine,
  NO_DEVICE_PAGE_KEY,
  policyDeletions,
  QUARANTINE_POLICY,
  quarantineByDevice,
  quarantineByReason,
  requestSeenReplay,
  type DeviceQuarantine,
  type QuarantinedMessage as QuarantinedRow,
  type ReasonCount,
} from "#store";
import { found, idOf, viewerOf } from "../access.ts";
import { identifierIn, listed, pageRequest } from "../identifier.ts";
import {
  Id,
  PAGE,
  QuarantinedMessage,
  QuarantinedMessageList,
  QuarantinePolicy,
  QuarantineReplayAnswer,
  QuarantineReplayRequest,
  QuarantineSummary,
  Reason,
  query,
  ref,
} from "../schemas/index.ts";
import type { Api, Services } from "../services.ts";

const KEEPERS: readonly Role[] = ["admin", "coordinator"];

const ListQuery = query({
  ...PAGE,
  deviceId: Type.Optional(Id),
  reason: Type.Optional(Reason),
  replayed: Type.Optional(
    Type.Boolean({ description: "false: what waits; true: what was read again and is readings now." }),
  ),
});

export function quarantineRoutes(app: Api, services: Services): void {
  const { pool } = services;
  app.get(
    "/v1/quarantine",
    {
      config: { access: { roles: KEEPERS } },
      schema: {
        summary: "What could not be read, newest first",
        tags: ["Quarantine"],
        querystring: ListQuery,
        response: { 200: ref(QuarantinedMessageList) },
      },
    },
    async (request) => {
      const { reason, replayed } = request.query;
      const page = await listQuarantine(pool, viewerOf(request).scope, {
        ...pageRequest(request.query),
        deviceId: deviceIn(request.query),
        reason,
        replayed,
      });
      return listed(page, presentQuarantined);
    },
  );

  app.get(
    "/v1/quarantine/summary",
    {
      config: { access: { roles: KEEPERS } },
      schema: {
        summary: "How much waits, per reason in all, and per device in pages",
        tags: ["Quarantine"],
        querystring: query(PAGE),
        response: { 200: ref(QuarantineSummary) },
      },
    },
    async (request) => {
      const { scope } = viewerOf(request);
      const reasons = await quarantineByReason(pool, scope);
      const devices = await quarantineByDevice(pool, scope, pageRequest(request.query));
      return { reasons: reasons.map(presentReason), ...listed(devices, presentDeviceCount) };
    },
  );

  app.get(
    "/v1/quarantine/policy",
    {
      config: { access: { roles: KEEPERS } },
      schema: {
        summary: "How long and how much is kept, and what was deleted because of it",
        description:
          "Over a quota, messages that were read again go first, then the oldest. `sender`: who speaks through a gateway unclaimed; `device`: a device with all that it speaks for.",
        tags: ["Quarantine"],
        querystring: query({ deviceId: Type.Optional(Id) }),
        response: { 200: ref(QuarantinePolicy) },
      },
    },
    async (request) => {
      const filter = { deviceId: deviceIn(request.query) };
      const { expiresAfterMs, sender, device } = QUARANTINE_POLICY;
      return {
        expiresAfterDays: expiresAfterMs / DAY_MS,
        quotas: { sender, device },
        deleted: await policyDeletions(pool, viewerOf(request).scope, filter),
      };
    },
  );

  replayRoutes(app, services);
}

function replayRoutes(app: Api, { pool, replayer }: Services): void {
  app.post(
    "/v1/quarantine/:id/replay",
    {
      config: { access: { roles: KEEPERS, sees: ["quarantined", "id"] } },
      schema: {
        summary: "Read one message again, as its device is today; answers with what became of it",
        tags: ["Quarantine"],
        response: { 200: ref(QuarantinedMessage) },
      },
    },
    async (request) => {
      const { scope } = viewerOf(request);
      const id = idOf(request);
      const outcome = await replayer.replay(id);
      if (outcome === "unfinished") {
        throw new KoproError(
          "dependency_missing",
          "The store has not taken the message yet; it is read again in the background.",
        );
      }
      const row = found(await findQuarantined(pool, scope, id));
      if (outcome === "tried") return presentQuarantined(row);
      throw new KoproError(
        "state_forbidden",
        row.replayedAt === null
          ? "The message names no device that could have sent it, or one that was removed."
          : `The message was read again already, at ${row.replayedAt.toISOString()}.`,
      );
    },
  );

  app.post(
    "/v1/quarantine/replay",
    {
      config: { access: { roles: KEEPERS } },
      schema: {
        summary: "Have messages read again in the background, the oldest first, at most 100,000 a request",
        tags: ["Quarantine"],
        body: ref(QuarantineReplayRequest),
        response: { 202: ref(QuarantineReplayAnswer) },
      },
    },
    async (request, reply) => {
      const requested = await requestSeenReplay(pool, viewerOf(request).scope, {
        deviceId: deviceIn(request.body),
        reason: request.body.reason,
      });
      replayer.wake();
      return reply.code(202).send({ requested });
    },
  );
}

function deviceIn({ deviceId }: { deviceId?: string }): number | undefined {
  return deviceId === undefined ? undefined : identifierIn(deviceId, "/deviceId");
}

function presentQuarantined(row: QuarantinedRow) {
  return {
    ...row,
    id: String(row.id),
    deviceId: row.deviceId === null ? null : String(row.deviceId),
    buildingId: row.buildingId === null ? null : String(row.buildingId),
    receivedAt: row.receivedAt.toISOString(),
    clientId: row.clientId.toString("utf8"),
    topic: row.topic.toString("utf8"),
    payload: row.payload.toString("base64"),
    replayRequestedAt: row.replayRequestedAt?.toISOString() ?? null,
    replayedAt: row.replayedAt?.toISOString() ?? null,
  };
}

function presentReason(row: ReasonCount) {
  return { ...row, oldestAt: row.oldestAt.toISOString(), newestAt: row.newestAt.toISOString() };
}

function presentDeviceCount({ id, buildingId, reasons, ...row }: DeviceQuarantine) {
  return {
    ...row,
    deviceId: id === NO_DEVICE_PAGE_KEY ? null : String(id),
    buildingId: buildingId === null ? null : String(buildingId),
    reasons: reasons ?? {},
  };
}
