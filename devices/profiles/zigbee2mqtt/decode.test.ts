// What could be misread in a message of Zigbee2MQTT, one trap a test.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { DecodeContext } from "#devices/reading";
import { ClockSource } from "#devices/vocabulary";
import { encodeZigbee, family } from "./index.ts";

const CONTEXT: DecodeContext = {
  topic: "zigbee2mqtt/building-a/boiler-room plug",
  receivedAtMs: Date.UTC(2026, 2, 1),
  timezone: "Europe/Brussels",
  expectedIntervalS: null,
};

const decode = (message: unknown, topic = CONTEXT.topic) =>
  family.decode(Buffer.from(typeof message === "string" ? message : JSON.stringify(message)), {
    ...CONTEXT,
    topic,
  });

test("an index is a reading only when it changes, and without a time of its own it takes the broker's", () => {
  const [energy, power] = decode({ energy: 1.5, power: 20, linkquality: 1 }).observations;
  expect(energy?.register).toMatchObject({
    kind: "cumulative",
    unit: "kWh",
    onChange: true,
    timedByBroker: true,
  });
  expect(energy).toMatchObject({ observedAtMs: undefined, clock: ClockSource.broker });
  expect(power?.register).toMatchObject({ kind: "instantaneous", unit: "W", onChange: false });
});

test("devices of one bridge are told apart by their friendly names, slashes included", () => {
  const one = decode({ energy: 1, linkquality: 1 }).observations[0];
  const other = decode({ energy: 1, linkquality: 1 }, "zigbee2mqtt/building-b").observations[0];
  expect(one?.register.equipmentId).toBe("building-a/boiler-room plug");
  expect(other?.register.equipmentId).toBe("building-b");
  expect(decode({ energy: 2, linkquality: 1 }).observations[0]?.register).toBe(one?.register);
});

test.each([
  ["2026-01-15T10:00:00.000Z", Date.UTC(2026, 0, 15, 10)],
  ["2026-01-15T11:00:00+01:00", Date.UTC(2026, 0, 15, 10)],
  [1_768_471_200_000, Date.UTC(2026, 0, 15, 10)],
])("last seen %s", (last_seen, observedAtMs) => {
  expect(decode({ energy: 1, last_seen }).observations[0]).toMatchObject({
    observedAtMs,
    clock: ClockSource.payloadOffset,
  });
});

test.each([["soon"], [5], [null], [1e300]])("last seen %j is no time", (last_seen) => {
  expect(decode({ energy: 1, last_seen }).observations[0]?.observedAtMs).toBeUndefined();
});

test("null is no value", () => expect(decode({ power: null, energy: null }).observations).toEqual([]));

test("a property on a topic of its own gives the register of the state", () => {
  const alone = decode("1.50", `${CONTEXT.topic}/energy`).observations[0];
  expect(alone?.value).toBe("1.50");
  expect(alone?.register).toBe(decode({ energy: 1.5 }).observations[0]?.register);
});

test("a device may be called like a property", () => {
  expect(
    decode({ energy: 1, linkquality: 2 }, "zigbee2mqtt/cellar/power").observations[0]?.register.equipmentId,
  ).toBe("cellar/power");
});

test("phases stand beside the whole; what was fed in is a series of its own", () => {
  const { observations } = decode({ energy: 1, energy_a: 1, produced_energy: 2, power_phase_a: 3 });
  expect(observations.map(({ register }) => [register.name, register.carrier, register.direction])).toEqual([
    ["energy", "electricity", "import"],
    ["energy_a", null, null],
    ["produced_energy", "electricity", "export"],
    ["power_phase_a", null, null],
  ]);
});

test.each([
  ["zigbee2mqtt/lamp/availability", { state: "online" }],
  ["zigbee2mqtt/bridge/info", { version: "2.0" }],
  ["zigbee2mqtt/lamp/set", { state: "ON" }],
  ["zigbee2mqtt/lamp/set/state", "ON"],
  ["zigbee2mqtt/lamp/state", "ON"],
  ["zigbee2mqtt/lamp/linkquality", "91"],
])("%s is of no interest", (topic, message) => {
  expect(decode(typeof message === "string" ? `"${message}"` : message, topic)).toEqual({
    observations: [],
    rejections: [],
  });
});

test.each([
  ["zigbee2mqtt/a/b", '{"energy":1}', "zigbee2mqtt/a/b"],
  ["zigbee2mqtt/a/b/energy", "1.5", "zigbee2mqtt/a/b"],
  ["home/a", '{"energy":1,"linkquality":7}', "home/a"],
  ["home/a", '{"energy":1}', undefined],
  ["zigbee2mqtt/bridge/state", '{"state":"online"}', undefined],
  ["tele/x/SENSOR", '{"Time":"2026-01-01T00:00:00"}', undefined],
])("who speaks on %s: %s", (topic, text, name) => {
  expect(family.recognise?.(topic, Buffer.from(text))).toBe(name);
});

test("decoding undoes encoding", () => {
  const decimal = fc.integer({ min: 0, max: 1e9 }).map((value) => (value / 1000).toFixed(3));
  const properties = fc.dictionary(fc.constantFrom("energy", "power", "voltage", "temperature"), decimal, {
    minKeys: 1,
  });
  const instant = fc.option(fc.integer({ min: 946_684_800_000, max: 4_000_000_000_000 }), { nil: undefined });
  fc.assert(
    fc.property(properties, instant, (values, lastSeenMs) => {
      const seen = lastSeenMs === undefined ? {} : { lastSeenMs };
      const bytes = encodeZigbee({ properties: new Map(Object.entries(values)), linkQuality: 7, ...seen });
      const { observations, rejections } = family.decode(bytes, CONTEXT);
      expect(rejections).toEqual([]);
      expect(Object.fromEntries(observations.map(({ register, value }) => [register.name, value]))).toEqual(
        values,
      );
      expect(observations.every(({ observedAtMs }) => observedAtMs === lastSeenMs)).toBe(true);
    }),
  );
});
