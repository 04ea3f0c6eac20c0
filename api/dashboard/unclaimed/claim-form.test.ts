// A claim says what it must and nothing that was not chosen.
import { expect, test } from "vitest";
import type { SupplyPoint } from "../data/api.ts";
import type { UnclaimedDevice } from "../data/unclaimed.ts";
import { carriersOf, claimFaults, claimFormOf, claimOf } from "./claim-form.ts";

const device = (fields: Partial<UnclaimedDevice> = {}): UnclaimedDevice => ({
  id: "x",
  gatewayId: "1",
  buildingId: "1",
  externalId: "20260001/cold water",
  profile: "wmbusmeters",
  topic: "wmbus/20260001",
  messages: 3,
  bytes: 300,
  firstSeenAt: "2026-01-01T00:00:00Z",
  lastSeenAt: "2026-01-01T01:00:00Z",
  preview: [],
  problem: null,
  ...fields,
});
const value = (carrier: UnclaimedDevice["preview"][number]["carrier"]) => ({
  name: "total_m3",
  equipmentId: "",
  carrier,
  quantity: "volume",
  unit: "m3",
  value: "1",
  observedAt: null,
});
const point = (carrier: SupplyPoint["carrier"]): SupplyPoint => ({
  id: "7",
  buildingId: "1",
  carrier,
  code: null,
  direction: "import",
  scope: "common",
  unitId: null,
  connectionKva: null,
  vatRate: 0.06,
});

test("a claim begins with the name that the gateway uses, and needs no more where it was recognised", () => {
  const form = claimFormOf(device());
  expect(claimFaults(form, device())).toEqual([]);
  expect(claimOf(form)).toEqual({ name: "20260001/cold water", supplyPoints: {} });
});

test("a name of blanks is none, and what nobody recognised must be said to be something", () => {
  const form = { ...claimFormOf(device()), name: "  " };
  expect(claimFaults(form, device({ profile: null }))).toEqual(["name", "profile"]);
  expect(claimFaults({ ...form, name: "Cellar", profile: "senml" }, device({ profile: null }))).toEqual([]);
});

test("only what was chosen is claimed for", () => {
  const supplyPoints = { electricity: "", gas: "", water: "7", heat: "" };
  const form = { name: " Cellar ", profile: "senml" as const, expectedIntervalS: "3600", supplyPoints };
  expect(claimOf(form)).toEqual({
    name: "Cellar",
    profile: "senml",
    expectedIntervalS: 3600,
    supplyPoints: { water: "7" },
  });
});

test("a supply point is asked for what it speaks of; of what it says nothing, for what the building has", () => {
  const points = [point("gas"), point("electricity")];
  expect(carriersOf(device({ preview: [value("water"), value(null)] }), points)).toEqual(["water"]);
  expect(carriersOf(device({ preview: [value(null)] }), points)).toEqual(["electricity", "gas"]);
});
