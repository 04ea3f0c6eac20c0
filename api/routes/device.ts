// Devices, their secrets, registers, readings and assignments.
import { KoproError } from "#devices/error";
import { MINUTE_MS, SECOND_MS } from "#devices/time";
import { CARRIERS, type Carrier, type Role } from "#devices/vocabulary";
import {
  changeAssignment,
  changeDevice,
  createDevice,
  findDevice,
  findRegister,
  inTransaction,
  listAssignments,
  listDeviceRegisters,
  listDevices,
  removeDevice,
  revokeAccess,
  rotateCredential,
  type Assignment as AssignmentRow,
  type AssignmentRefusal,
  type Device as DeviceRow,
  type Register as RegisterRow,
} from "#store";
import { found, idOf, notFound, viewerOf } from "../access.ts";
import { deviceStatus } from "../device-status.ts";
import { identifierIn, invalid, listed, pageRequest } from "../identifier.ts";
import {
  AssignmentList,
  AssignmentPatch,
  CreatedDevice,
  Device,
  DeviceList,
  DevicePatch,
  DeviceSecret,
  NewDevice,
  Nothing,
  PAGE,
  RegisterList,
  SecretRotation,
  query,
  ref,
} from "../schemas/index.ts";
import { hashOf, newSecret } from "../secret.ts";
import type { Api, Services } from "../services.ts";
import { instantIn } from "../span.ts";
import { refused } from "./ruling.ts";

const CLOCK_OFF_MS = 5 * MINUTE_MS;
const KEEPERS: readonly Role[] = ["admin", "coordinator"];
const TENANTS: readonly Role[] = ["admin", "coordinator", "manager", "resident"];

export function deviceRoutes(app: Api, { pool, time }: Services): void {
  app.get(
    "/v1/buildings/:id/devices",
    {
      config: { access: { roles: TENANTS, sees: ["building", "id"] } },
      schema: {
        summary: "The devices of a building that I may see",
        tags: ["Devices"],
        querystring: query(PAGE),
        response: { 200: ref(DeviceList) },
      },
    },
    async (request) => {
      const page = await listDevices(
        pool,
        viewerOf(request).scope,
        idOf(request),
        pageRequest(request.query),
      );
      return listed(page, (device) => presentDevice(device, time.now()));
    },
  );

  app.post(
    "/v1/buildings/:id/devices",
    {
      config: { access: { roles: KEEPERS, sees: ["building", "id"] } },
      schema: {
        summary: "Register a device; its secret is shown once",
        tags: ["Devices"],
        body: ref(NewDevice),
        response: { 201: ref(CreatedDevice) },
      },
    },
    async (request, reply) => {
      const { scope } = viewerOf(request);
      const { name, profile, expectedIntervalS, supplyPoints } = request.body;
      const secret = newSecret("device");
      const created = await inTransaction(pool, async (client) => {
        const id = await createDevice(client, scope, {
          buildingId: idOf(request),
          name,
          profile,
          expectedIntervalS: expectedIntervalS ?? null,
          supplyPoints: supplyPointsIn(supplyPoints ?? {}),
          secretHash: hashOf(secret),
        });
        if (id === undefined)
          throw invalid("/supplyPoints", "one is not of this building, or of another carrier");
        return found(await findDevice(client, scope, id));
      });
      void reply.code(201).header("cache-control", "no-store");
      return { ...presentDevice(created, time.now()), secret };
    },
  );

  app.get(
    "/v1/devices/:id",
    {
      config: { access: { roles: TENANTS, sees: ["device", "id"] } },
      schema: { summary: "One device", tags: ["Devices"], response: { 200: ref(Device) } },
    },
    async (request) =>
      presentDevice(found(await findDevice(pool, viewerOf(request).scope, idOf(request))), time.now()),
  );

  app.patch(
    "/v1/devices/:id",
    {
      config: { access: { roles: KEEPERS, sees: ["device", "id"] } },
      schema: {
        summary: "Change a device's name, profile or expected interval",
        description:
          "Another profile counts for messages from then on. Those that wait in quarantine are read as it by `POST /v1/quarantine/replay`.",
        tags: ["Devices"],
        body: ref(DevicePatch),
        response: { 200: ref(Device) },
      },
    },
    async (request) => {
      const { scope } = viewerOf(request);
      const id = idOf(request);
      const device = await inTransaction(pool, async (client) => {
        const outcome = await changeDevice(client, scope, id, request.body);
        if (outcome === "unknown") throw notFound();
        if (outcome === "speaks_for_others") {
          throw new KoproError(
            "state_forbidden",
            "A gateway that devices speak through stays one, and a device behind a gateway cannot be one.",
          );
        }
        return found(await findDevice(client, scope, id));
      });
      return presentDevice(device, time.now());
    },
  );

  app.delete(
    "/v1/devices/:id",
    {
      config: { access: { roles: KEEPERS, sees: ["device", "id"] } },
      schema: {
        summary: "Remove a device: it cannot connect any more, its readings stay",
        tags: ["Devices"],
        response: { 204: Nothing },
      },
    },
    async (request, reply) => {
      const { scope } = viewerOf(request);
      if (!(await inTransaction(pool, (client) => removeDevice(client, scope, idOf(request)))))
        throw notFound();
      return reply.code(204).send(null);
    },
  );

  app.post(
    "/v1/devices/:id/secret",
    {
      config: { access: { roles: KEEPERS, sees: ["device", "id"] } },
      schema: {
        summary: "Give the device a new secret, shown once",
        description:
          "Without an overlap the secrets before it end at once, and with them every certificate that was issued before; connections that they opened are closed. With `overlapS` they are accepted for that long still, so that the device can be told its new one first.",
        tags: ["Devices"],
        body: ref(SecretRotation),
        response: { 201: ref(DeviceSecret) },
      },
      // No body asks for what an empty one asks for.
      preValidation: async (request) => void (request.body ??= {}),
    },
    async (request, reply) => {
      const { scope } = viewerOf(request);
      const id = idOf(request);
      const { overlapS = 0 } = request.body;
      const secret = newSecret("device");
      const rotation = await inTransaction(pool, (client) =>
        rotateCredential(client, scope, id, { secretHash: hashOf(secret), overlapS }),
      );
      if (rotation === "unknown") throw notFound();
      if (rotation === "behind_gateway") {
        throw new KoproError(
          "state_forbidden",
          "A device behind a gateway has no secret: its gateway connects for it.",
        );
      }
      void reply.code(201).header("cache-control", "no-store");
      const earlierValidUntil = new Date(scope.atMs + overlapS * SECOND_MS).toISOString();
      return { id: String(id), secret, earlierValidUntil };
    },
  );

  app.delete(
    "/v1/devices/:id/secret",
    {
      config: { access: { roles: KEEPERS, sees: ["device", "id"] } },
      schema: {
        summary: "Keep the device out until it gets a new secret",
        description:
          "Every secret ends at once, and every certificate issued until now; open connections are closed. The device and its readings stay.",
        tags: ["Devices"],
        response: { 204: Nothing },
      },
    },
    async (request, reply) => {
      const { scope } = viewerOf(request);
      if (!(await inTransaction(pool, (client) => revokeAccess(client, scope, idOf(request)))))
        throw notFound();
      return reply.code(204).send(null);
    },
  );
}

export function registerRoutes(app: Api, { pool }: Services): void {
  app.get(
    "/v1/devices/:id/registers",
    {
      config: { access: { roles: TENANTS, sees: ["device", "id"] } },
      schema: {
        summary: "What the device measures",
        tags: ["Registers"],
        querystring: query(PAGE),
        response: { 200: ref(RegisterList) },
      },
    },
    async (request) =>
      listed(
        await listDeviceRegisters(pool, viewerOf(request).scope, idOf(request), pageRequest(request.query)),
        presentRegister,
      ),
  );

  app.get(
    "/v1/registers/:id/assignments",
    {
      config: { access: { roles: TENANTS, sees: ["register", "id"] } },
      schema: {
        summary: "Which supply points a register measured, and when",
        tags: ["Registers"],
        response: { 200: ref(AssignmentList) },
      },
    },
    async (request) => {
      const assignments = await listAssignments(pool, viewerOf(request).scope, idOf(request));
      return { items: assignments.map(presentAssignment), nextCursor: null };
    },
  );

  app.patch(
    "/v1/registers/:id/assignments",
    {
      config: { access: { roles: KEEPERS, sees: ["register", "id"] } },
      schema: {
        summary: "Correct the assignment in force, or begin another at an instant",
        description:
          "Indices are where the register stood when the assignment ended and the next one began: the profile is computed anew with them, and they are refused where an assignment has no such end, or where readings say otherwise. Role `outside`: the temperature outside the building, by which gaps of gas and heat are estimated.",
        tags: ["Registers"],
        body: ref(AssignmentPatch),
        response: { 200: ref(AssignmentList) },
      },
    },
    async (request) => {
      const { scope } = viewerOf(request);
      const id = idOf(request);
      const { body } = request;
      found(await findRegister(pool, scope, id));
      const assignments = await inTransaction(pool, async (client) => {
        const result = await changeAssignment(client, scope, id, {
          supplyPointId:
            body.supplyPointId === undefined ? undefined : identifierIn(body.supplyPointId, "/supplyPointId"),
          role: body.role,
          fromMs: body.from === undefined ? undefined : instantIn(body.from, "/from"),
          openingIndex: body.openingIndex,
          closingIndex: body.closingIndex,
        });
        if (result !== "changed") throw assignmentFault(result);
        return listAssignments(client, scope, id);
      });
      return { items: assignments.map(presentAssignment), nextCursor: null };
    },
  );
}

const ASSIGNMENT_REFUSALS: Readonly<
  Record<Exclude<AssignmentRefusal, "unknown_register" | "unknown_supply_point" | "other_parts">, string>
> = {
  later_assignment: "A later assignment follows this instant; change that one.",
  outside_is_temperature: "Only a register of temperature hangs outside.",
  no_beginning:
    "The assignment has no beginning that an opening index could belong to; give `from`, at which another one begins.",
  no_end:
    "The assignment is still in force: a closing index belongs to the change that ends it; give `from`, at which another one begins.",
  register_without_profile: "Only an index of energy or volume has a closing and an opening index.",
  indices_of_swap: "These indices belong to a swap; post the swap again with other indices, or take it back.",
  closing_behind_reading: "The register had already shown more than the closing index before that instant.",
  opening_ahead_of_reading: "The register still showed less than the opening index after that instant.",
};

function assignmentFault(refusal: AssignmentRefusal): KoproError {
  switch (refusal) {
    case "unknown_register":
      return notFound();
    case "unknown_supply_point":
      return invalid("/supplyPointId", "is not a supply point that you may see");
    case "other_parts":
      return new KoproError(
        "forbidden",
        "Only an administrator moves a register between the common parts and a dwelling, or between dwellings.",
      );
    default:
      return refused(refusal, ASSIGNMENT_REFUSALS[refusal]);
  }
}

export function supplyPointsIn(given: Partial<Record<Carrier, string>>): Partial<Record<Carrier, number>> {
  return Object.fromEntries(
    CARRIERS.flatMap((carrier) => {
      const id = given[carrier];
      return id === undefined ? [] : [[carrier, identifierIn(id, `/supplyPoints/${carrier}`)]];
    }),
  );
}

export function presentDevice(row: DeviceRow, nowMs: number) {
  return {
    id: String(row.id),
    buildingId: String(row.buildingId),
    name: row.name,
    profile: row.profile,
    expectedIntervalS: row.expectedIntervalS,
    supplyPoints: Object.fromEntries(
      Object.entries(row.supplyPoints).map(([carrier, id]) => [carrier, String(id)]),
    ),
    parentId: row.parentId === null ? null : String(row.parentId),
    externalId: row.externalId,
    status: deviceStatus(row, gatewayOf(row), nowMs),
    lastSeenAt: row.lastSeenAt?.toISOString() ?? null,
    clock: clockOf(row),
    createdAt: row.createdAt.toISOString(),
  };
}

/** Beyond five minutes a quarter-hour gets what belongs to its neighbour. */
function clockOf({ clockAheadMs, clockMeasuredAt }: DeviceRow) {
  if (clockAheadMs === null || clockMeasuredAt === null) return null;
  return {
    aheadS: clockAheadMs / 1000,
    isOff: Math.abs(clockAheadMs) > CLOCK_OFF_MS,
    measuredAt: clockMeasuredAt.toISOString(),
  };
}

function gatewayOf(row: DeviceRow) {
  if (row.parentId === null) return undefined;
  return {
    lastSeenAt: row.parentLastSeenAt,
    expectedIntervalS: row.parentIntervalS,
    connected: row.parentConnected === true,
    disconnectedAt: row.parentDisconnectedAt,
  };
}

function presentRegister(row: RegisterRow) {
  return {
    ...row,
    id: String(row.id),
    deviceId: String(row.deviceId),
    supplyPointId: row.supplyPointId === null ? null : String(row.supplyPointId),
  };
}

function presentAssignment(row: AssignmentRow) {
  return {
    id: String(row.id),
    registerId: String(row.registerId),
    supplyPointId: String(row.supplyPointId),
    role: row.role,
    from: row.startsAt?.toISOString() ?? null,
    to: row.endsAt?.toISOString() ?? null,
    openingIndex: row.openingIndex,
    closingIndex: row.closingIndex,
  };
}
