// Devices, their registers and readings, and to which supply point a register belongs.
import { Type } from "typebox";
import {
  ASSIGNMENT_ROLES,
  CARRIERS,
  CLOCK_NAMES,
  DIRECTIONS,
  Flag,
  PROFILE_IDS,
  REGISTER_KINDS,
  type FlagName,
} from "#devices/vocabulary";
import { DEVICE_STATUSES } from "../device-status.ts";
import { Id, Instant, body, decimal, listOf, named, nullable, oneOf, text } from "./shape.ts";

export const SupplyPointByCarrier = Type.Object(
  {
    electricity: Type.Optional(Id),
    gas: Type.Optional(Id),
    water: Type.Optional(Id),
    heat: Type.Optional(Id),
  },
  { additionalProperties: false },
);
export const IntervalS = Type.Integer({
  minimum: 1,
  maximum: 31_536_000,
  description: "Seconds between two messages.",
});

export const Device = named("Device", {
  id: Id,
  buildingId: Id,
  name: Type.String(),
  profile: oneOf(PROFILE_IDS),
  expectedIntervalS: nullable(IntervalS),
  supplyPoints: SupplyPointByCarrier,
  parentId: nullable(Id),
  externalId: nullable(
    Type.String({ description: "How the gateway that is its parent calls it; null: it connects itself." }),
  ),
  status: oneOf(DEVICE_STATUSES),
  lastSeenAt: nullable(Instant),
  clock: nullable(
    Type.Object(
      {
        aheadS: Type.Number({ description: "Seconds; negative: behind." }),
        isOff: Type.Boolean({
          description: "By more than five minutes: its readings are booked at wrong times.",
        }),
        measuredAt: Instant,
      },
      { description: "How far the device's own clock is off; null: it sends no time of its own." },
    ),
  ),
  createdAt: Instant,
});
export const DeviceList = listOf(Device);
export const NewDevice = body("NewDevice", {
  name: text(200),
  profile: oneOf(PROFILE_IDS),
  expectedIntervalS: Type.Optional(nullable(IntervalS)),
  supplyPoints: Type.Optional(SupplyPointByCarrier),
});
export const DevicePatch = body(
  "DevicePatch",
  {
    name: Type.Optional(text(200)),
    profile: Type.Optional(oneOf(PROFILE_IDS)),
    expectedIntervalS: Type.Optional(nullable(IntervalS)),
  },
  { minProperties: 1 },
);
const Secret = Type.String({
  description: "The MQTT password; the user name is the device's id. Shown once.",
});
export const CreatedDevice = named("CreatedDevice", { ...Device.properties, secret: Secret });
export const SecretRotation = body("SecretRotation", {
  overlapS: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 604_800,
      default: 0,
      description: "Seconds for which the secrets before this one are accepted still.",
    }),
  ),
});
export const DeviceSecret = named("DeviceSecret", {
  id: Id,
  secret: Secret,
  earlierValidUntil: Type.String({
    ...Instant,
    description: "When the secrets before this one end, or ended.",
  }),
});

export const Register = named("Register", {
  id: Id,
  deviceId: Id,
  supplyPointId: nullable(Id),
  name: Type.String({ examples: ["1-0:1.8.1"] }),
  equipmentId: Type.String(),
  carrier: nullable(oneOf(CARRIERS)),
  kind: oneOf(REGISTER_KINDS),
  quantity: Type.String(),
  unit: Type.String(),
  tariff: nullable(Type.String()),
  direction: nullable(oneOf(DIRECTIONS)),
  role: nullable(oneOf(ASSIGNMENT_ROLES)),
});
export const RegisterList = listOf(Register);

export const Reading = named("Reading", {
  observedAt: Instant,
  receivedAt: Instant,
  value: Type.String({ description: "As received.", examples: ["15.758"] }),
  unit: Type.String(),
  clock: oneOf(CLOCK_NAMES),
  flags: Type.Array(oneOf(Object.keys(Flag) as FlagName[])),
});
export const ReadingList = listOf(Reading);

const Index = decimal(9, "15.758");
export const Assignment = named("Assignment", {
  id: Id,
  registerId: Id,
  supplyPointId: Id,
  role: oneOf(ASSIGNMENT_ROLES),
  from: nullable(Instant),
  to: nullable(Instant),
  openingIndex: nullable(Index),
  closingIndex: nullable(Index),
});
export const AssignmentList = listOf(Assignment);
export const AssignmentPatch = body(
  "AssignmentPatch",
  {
    supplyPointId: Type.Optional(Id),
    role: Type.Optional(oneOf(ASSIGNMENT_ROLES)),
    from: Type.Optional(
      Type.String({
        format: "date-time",
        description:
          "Ends what is in force at this instant and begins anew. Without it, what is in force is corrected.",
      }),
    ),
    closingIndex: Type.Optional(nullable(Index)),
    openingIndex: Type.Optional(nullable(Index)),
  },
  { minProperties: 1 },
);

// The data of a server-sent event named `reading`: no answer holds it, so it is only described.
named("LiveReading", {
  registerId: Id,
  deviceId: Id,
  supplyPointId: nullable(Id),
  name: Type.String(),
  quantity: Type.String(),
  unit: Type.String(),
  value: Type.String({ description: "As received." }),
  observedAt: Instant,
});
