// One rule for all families: electric power of the moment is net, so it has a direction only where the device says which way.
import { expect, test } from "vitest";
import type { ProfileId } from "#devices/vocabulary";
import { FAMILIES } from "./families.ts";
import { playMessages, spokenMessages } from "./play-messages.ts";

const CONTEXT = {
  receivedAtMs: Date.UTC(2026, 2, 1, 12),
  timezone: "Europe/Brussels",
  expectedIntervalS: null,
};

/** The direction of each power in the last message. */
function directionsOf(profile: ProfileId, ...messages: [topic: string, payload: unknown][]): unknown[] {
  const spoken = spokenMessages(JSON.stringify(messages));
  const observations = playMessages(FAMILIES[profile].decode, spoken, CONTEXT).at(-1)?.observations ?? [];
  return observations
    .filter(({ register }) => register.quantity === "power" || register.quantity === "flow")
    .map(({ register }) => [register.carrier, register.direction]);
}

const NET = ["electricity", null];
const TAKEN = ["electricity", "import"];
const FED_IN = ["electricity", "export"];

const senml = (n: string, u: string): [string, unknown] => ["t", [{ n, u, v: 1, t: 1_772_366_400 }]];
const uplink = (object: object): [string, unknown] => [
  "application/1/device/0102030405060708/event/up",
  { deviceInfo: { devEui: "0102030405060708" }, time: "2026-03-01T11:00:00Z", object },
];
const telegram = (media: string, fields: object): [string, unknown] => [
  "t",
  { _: "telegram", media, meter: "m", name: "n", id: "1", timestamp: "2026-03-01T11:00:00Z", ...fields },
];
const homie = (name: string, unit: string): [string, unknown][] => [
  ["homie/5/m/$description", { nodes: { grid: { properties: { [name]: { datatype: "float", unit } } } } }],
  [`homie/5/m/grid/${name}`, "1"],
];

test.each<[ProfileId, [string, unknown][], unknown[]]>([
  ["senml", [senml("power", "W")], [NET]],
  ["senml", [senml("power-export", "W")], [FED_IN]],
  ["senml", [senml("water", "m3/s")], [["water", "import"]]],
  ["homie-5", homie("power", "W"), [NET]],
  ["homie-5", homie("power-import", "W"), [TAKEN]],
  ["homie-5", homie("power-out", "W"), [FED_IN]],
  ["homie-5", homie("heat-power", "kW"), [["heat", "import"]]],
  ["shelly-gen2", [["x/status/em:0", { id: 0, total_act_power: -5 }]], [NET]],
  ["shelly-gen2", [["x/status/switch:0", { id: 0, apower: 5 }]], [NET]],
  ["tasmota", [["tele/x/SENSOR", { Time: "2026-03-01T12:00:00", ENERGY: { Power: 5 } }]], [NET]],
  ["zigbee2mqtt", [["zigbee2mqtt/x", { power: 5 }]], [NET]],
  ["chirpstack-v4", [uplink({ power_W: 5 })], [NET]],
  ["chirpstack-v4", [uplink({ power_export_W: 5 })], [FED_IN]],
  ["chirpstack-v4", [uplink({ power_import_W: 5 })], [TAKEN]],
  ["chirpstack-v4", [uplink({ heat_energy_kWh: 5, volume_m3: 1, power_kW: 1 })], [["heat", "import"]]],
  ["wmbusmeters", [telegram("electricity", { current_power_consumption_kw: 1 })], [TAKEN]],
  ["wmbusmeters", [telegram("electricity", { current_power_production_kw: 1 })], [FED_IN]],
  ["wmbusmeters", [telegram("electricity", { power_kw: 1 })], [NET]],
  ["wmbusmeters", [telegram("heat", { power_kw: 1 })], [["heat", "import"]]],
  ["emoncms", [["emon/emontx/power1", "5"]], [NET]],
  ["emoncms", [["emon/emontx/import_power", "5"]], [TAKEN]],
  ["dsmr-topics", [["dsmr/reading/electricity_currently_returned", "0.5"]], [FED_IN]],
  [
    "chain2-sinapsi",
    [["t", [{ pod: "IT1", data: [{ ts: "1772366400", "1-0:2.7.0.255_3,0_2": "5" }] }]]],
    [FED_IN],
  ],
])("%s: %j", (profile, messages, directions) => {
  expect(directionsOf(profile, ...messages)).toEqual(directions);
});

test.each<[ProfileId, [string, unknown][], unknown[]]>([
  ["senml", [senml("energy-out", "kWh")], FED_IN],
  ["senml", [senml("energy-in", "kWh")], TAKEN],
  ["homie-5", homie("energy-out", "kWh"), FED_IN],
  ["homie-5", homie("energy-out-total", "kWh"), FED_IN],
  ["homie-5", homie("energy-in", "kWh"), TAKEN],
  ["homie-5", homie("out-door-light-energy", "kWh"), TAKEN],
  ["chirpstack-v4", [uplink({ energy_out_kWh: 5 })], FED_IN],
  ["chirpstack-v4", [uplink({ energy_returned_kWh: 5 })], FED_IN],
  ["chirpstack-v4", [uplink({ energy_in_kWh: 5 })], TAKEN],
])("an index that says out is fed in: %s, %j", (profile, messages, place) => {
  const spoken = spokenMessages(JSON.stringify(messages));
  const observations = playMessages(FAMILIES[profile].decode, spoken, CONTEXT).at(-1)?.observations ?? [];
  expect(observations.map(({ register }) => [register.carrier, register.direction])).toEqual([place]);
});
