// Events of ChirpStack v4: which carry readings, of whom, and when.
import { describe, expect, test } from "vitest";
import type { DecodeContext, Decoded } from "#devices/reading";
import { ClockSource } from "#devices/vocabulary";
import { family } from "./index.ts";

const EUI = "a84041000000cafe";
const TOPIC = `application/0c1d/device/${EUI}/event/`;
const CONTEXT: DecodeContext = {
  topic: `${TOPIC}up`,
  receivedAtMs: Date.UTC(2026, 2, 1),
  timezone: "Europe/Brussels",
  expectedIntervalS: null,
};
const TIME = "2026-02-28T10:00:00.573381123+00:00";
const event = (fields: object): Buffer =>
  Buffer.from(JSON.stringify({ time: TIME, deviceInfo: { devEui: EUI }, ...fields }));
const decode = (fields: object, kind = "up"): Decoded =>
  family.decode(event(fields), { ...CONTEXT, topic: kind === "" ? "elsewhere" : TOPIC + kind });
const valuesOf = ({ observations }: Decoded): string[] =>
  observations.map(({ register, value }) => `${register.name} ${value} ${register.unit}`);

test("the server's time to the millisecond, whose clock says so, and the device by its EUI in small letters", () => {
  const { observations } = decode({ deviceInfo: { devEui: EUI.toUpperCase() }, object: { temperature: 1 } });
  expect(observations).toMatchObject([
    {
      observedAtMs: Date.UTC(2026, 1, 28, 10, 0, 0, 573),
      clock: ClockSource.networkServer,
      register: { equipmentId: EUI },
    },
  ]);
});

test("a time in the payload is the device's", () => {
  const [one] = decode({ object: { temperature: 1, timestamp: 1772272700 } }).observations;
  expect([one?.observedAtMs, one?.clock]).toEqual([1772272700000, ClockSource.payloadOffset]);
});

test("what protobuf omits (fPort, fCnt, dr, confirmed) is not missed", () => {
  expect(valuesOf(decode({ object: { AVI1_V: 0, ACI1_mA: 4 } }))).toEqual(["AVI1_V 0 V", "ACI1_mA 4 mA"]);
});

describe("events", () => {
  test.each(["join", "ack", "txack", "log", "location", "integration"])("%s is of no interest", (kind) => {
    expect(decode({ object: { temperature: 1 }, data: "AA==" }, kind)).toEqual({
      observations: [],
      rejections: [],
    });
  });

  test.each([
    ["join", { devAddr: "01020304" }],
    ["ack", { queueItemId: "q", acknowledged: true }],
    ["txack", { downlinkId: 1, queueItemId: "q" }],
    ["log", { level: "ERROR", code: "OTAA", description: "x" }],
    ["location", { location: { latitude: 1 } }],
    ["a device alone", {}],
  ])("without its topic, %s is told by its members", (_kind, fields) => {
    expect(decode(fields, "")).toEqual({ observations: [], rejections: [] });
  });

  test("status tells the battery's charge, and a level that is absent is not zero", () => {
    expect(valuesOf(decode({ margin: 7, batteryLevel: 83.5 }, "status"))).toEqual(["batteryLevel 83.5 %EL"]);
    expect(valuesOf(decode({ margin: 7, batteryLevel: 83.5 }, ""))).toEqual(["batteryLevel 83.5 %EL"]);
    expect(decode({ margin: 7 }, "status").observations).toEqual([]);
    expect(decode({ externalPowerSource: true, batteryLevel: 0 }, "status").observations).toEqual([]);
  });
});

test.each([
  ["no object", { data: "AAEC" }],
  ["an object that is null", { data: "AAEC", object: null }],
  ["an empty object", { data: "AAEC", object: {} }],
])("a payload with %s says that the codec is missing", (_name, fields) => {
  const { observations, rejections } = decode(fields);
  expect(observations).toEqual([]);
  expect(rejections).toMatchObject([
    { reason: "reading_malformed", detail: expect.stringContaining("codec") as string },
  ]);
});

test("an uplink without payload only answers the network", () => {
  expect(decode({ dr: 5, rxInfo: [] })).toEqual({ observations: [], rejections: [] });
});

test("any event is recognised by its device, and nothing else is", () => {
  expect(family.recognise?.("t", event({}))).toBe(EUI);
  for (const text of ['{"devEui":"a84041000000cafe"}', '{"deviceInfo":{"devEui":"a8"}}', "[]", "{", ""]) {
    expect(family.recognise?.(`${TOPIC}up`, Buffer.from(text))).toBeUndefined();
  }
});
