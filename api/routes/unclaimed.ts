// Devices that speak through a gateway and that nobody has claimed: what they say, and the claim.
import { Type } from "typebox";
import { decoderFor } from "#devices/profiles/index";
import type { Decoded, Observation } from "#devices/reading";
import { KoproError } from "#devices/error";
import type { Role } from "#devices/vocabulary";
import { claimDevice, findDevice, inTransaction, listUnclaimed, type UnclaimedDevice as Row } from "#store";
import { found, notFound, viewerOf } from "../access.ts";
import { identifierIn, invalid, pageRequest } from "../identifier.ts";
import { Device, DeviceClaim, Id, PAGE, UnclaimedDeviceList, query, ref } from "../schemas/index.ts";
import type { Api, Services } from "../services.ts";
import { unclaimedId, unclaimedKey } from "../unclaimed-id.ts";
import { presentDevice, supplyPointsIn } from "./device.ts";

const KEEPERS: readonly Role[] = ["admin", "coordinator"];
const PREVIEW_MAX = 32;
const ListQuery = query({ ...PAGE, gatewayId: Type.Optional(Id) });

export function unclaimedRoutes(app: Api, { pool, time, replayer }: Services): void {
  app.get(
    "/v1/devices/unclaimed",
    {
      config: { access: { roles: KEEPERS } },
      schema: {
        summary: "Devices behind gateways that nobody has claimed, with what they say",
        tags: ["Devices"],
        querystring: ListQuery,
        response: { 200: ref(UnclaimedDeviceList) },
      },
    },
    async (request) => {
      const { cursor, gatewayId, limit } = request.query;
      const after = cursor === undefined ? undefined : unclaimedKey(cursor);
      if (cursor !== undefined && after === undefined) {
        throw invalid("/cursor", "this is not a cursor that a list gave out");
      }
      const page = await listUnclaimed(pool, viewerOf(request).scope, {
        gatewayId: gatewayId === undefined ? undefined : identifierIn(gatewayId, "/gatewayId"),
        after,
        limit: pageRequest(limit === undefined ? {} : { limit }).limit,
      });
      return {
        items: page.items.map(presentUnclaimed),
        nextCursor: page.next === undefined ? null : unclaimedId(page.next),
      };
    },
  );

  app.post(
    "/v1/devices/unclaimed/:id/claim",
    {
      config: { access: { roles: KEEPERS, sees: ["unclaimed", "id"] } },
      schema: {
        summary: "Claim a device behind a gateway; what it said so far is read again",
        tags: ["Devices"],
        body: ref(DeviceClaim),
        response: { 201: ref(Device) },
      },
    },
    async (request, reply) => {
      const { scope } = viewerOf(request);
      const key = found(unclaimedKey((request.params as { id?: unknown }).id));
      const { name, profile, expectedIntervalS = null, supplyPoints = {} } = request.body;
      const claimed = await inTransaction(pool, async (client) => {
        const outcome = await claimDevice(client, scope, {
          ...key,
          name,
          profile,
          expectedIntervalS,
          supplyPoints: supplyPointsIn(supplyPoints),
        });
        if (outcome === "unknown") throw notFound();
        if (outcome === "claimed_already") {
          throw new KoproError("already_exists", "Somebody has claimed this device already.");
        }
        if (outcome === "profile_missing")
          throw invalid("/profile", "no family recognised this device, so the claim must say what it is");
        if (outcome === "supply_point_unknown")
          throw invalid("/supplyPoints", "one is not of this building, or of another carrier");
        return found(await findDevice(client, scope, outcome.deviceId));
      });
      replayer.wake();
      void reply.code(201);
      return presentDevice(claimed, time.now());
    },
  );
}

function presentUnclaimed(row: Row) {
  const { observations, rejections } = decodedNow(row);
  return {
    id: unclaimedId(row),
    gatewayId: String(row.gatewayId),
    buildingId: String(row.buildingId),
    externalId: row.externalId,
    profile: row.profile,
    topic: row.topic.toString("utf8"),
    messages: row.messages,
    bytes: row.bytes,
    firstSeenAt: row.firstSeenAt.toISOString(),
    lastSeenAt: row.lastSeenAt.toISOString(),
    preview: observations.slice(0, PREVIEW_MAX).map((one) => presentValue(one, row.readable)),
    // A sentence may quote a value.
    problem: row.readable ? (rejections[0]?.detail ?? null) : null,
  };
}

/** With today's decoder; nothing of it is stored. */
function decodedNow({ profile, payload, topic, receivedAt, timezone }: Row): Decoded {
  const decode = profile === null ? undefined : decoderFor(profile);
  if (decode === undefined || payload === null) return { observations: [], rejections: [] };
  return decode(payload, {
    topic: topic.toString("utf8"),
    receivedAtMs: receivedAt.getTime(),
    timezone,
    expectedIntervalS: null,
  });
}

function presentValue({ register, value, observedAtMs }: Observation, readable: boolean) {
  const { name, equipmentId, carrier, quantity, unit } = register;
  const observedAt = observedAtMs === undefined ? undefined : new Date(observedAtMs);
  const real = observedAt !== undefined && !Number.isNaN(observedAt.getTime());
  return {
    name,
    equipmentId,
    carrier,
    quantity,
    unit,
    value: readable ? value : null,
    observedAt: real ? observedAt.toISOString() : null,
  };
}
