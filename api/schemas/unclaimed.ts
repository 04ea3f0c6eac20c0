// Devices behind gateways that nobody has claimed, and what it takes to claim one.
import { Type } from "typebox";
import { CARRIERS, PROFILE_IDS } from "#devices/vocabulary";
import { IntervalS, SupplyPointByCarrier } from "./device.ts";
import { Id, Instant, body, listOf, named, nullable, oneOf, ref, text } from "./shape.ts";

const Profile = oneOf(PROFILE_IDS.filter((profile) => profile !== "gateway"));

const UnclaimedValue = named("UnclaimedValue", {
  name: Type.String({ examples: ["total_m3"] }),
  equipmentId: Type.String(),
  carrier: nullable(oneOf(CARRIERS)),
  quantity: Type.String(),
  unit: Type.String(),
  value: nullable(Type.String({ description: "As received; null where I may not see what it measures." })),
  observedAt: nullable(
    Type.String({ format: "date-time", description: "null: the message carries no time." }),
  ),
});

export const UnclaimedDevice = named("UnclaimedDevice", {
  id: Type.String({ description: "For the claim; opaque." }),
  gatewayId: Id,
  buildingId: Id,
  externalId: Type.String({
    description: "How the gateway calls it: what the message says of itself, or its topic.",
  }),
  profile: nullable(
    Type.String({ description: "As which its latest message was recognised; null: as nothing." }),
  ),
  topic: Type.String({ description: "Of its latest message." }),
  messages: Type.Integer({ description: "Kept so far; a claim reads them again." }),
  bytes: Type.Integer({ description: "Of payload." }),
  firstSeenAt: Instant,
  lastSeenAt: Instant,
  preview: Type.Array(ref(UnclaimedValue), {
    description: "What its latest message says, at most 32 values.",
  }),
  problem: nullable(Type.String({ description: "What of its latest message cannot be used, and why." })),
});
export const UnclaimedDeviceList = listOf(UnclaimedDevice);

export const DeviceClaim = body("DeviceClaim", {
  name: text(200),
  profile: Type.Optional(Profile),
  expectedIntervalS: Type.Optional(nullable(IntervalS)),
  supplyPoints: Type.Optional(SupplyPointByCarrier),
});
