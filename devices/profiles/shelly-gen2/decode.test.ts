// What could be misread in a Shelly's messages, one trap a test.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { DecodeContext } from "#devices/reading";
import { ClockSource } from "#devices/vocabulary";
import { encodeShelly, family } from "./index.ts";

const CONTEXT: DecodeContext = {
  topic: "hall/events/rpc",
  receivedAtMs: Date.UTC(2026, 2, 1),
  timezone: "Europe/Brussels",
  expectedIntervalS: null,
};

const notify = (params: object, more: object = {}) =>
  family.decode(
    Buffer.from(JSON.stringify({ src: "shelly-1", dst: "x", method: "NotifyStatus", params, ...more })),
    CONTEXT,
  );
const valuesOf = (decoded: ReturnType<typeof notify>) =>
  Object.fromEntries(decoded.observations.map(({ register, value }) => [register.name, value]));

test("the total of a switch is in Wh, and the minutes beside it are not added to it", () => {
  const decoded = notify({
    ts: 1_771_329_600,
    "switch:0": { aenergy: { total: 1234.5, by_minute: [312_345, 2, 3], minute_ts: 1_771_329_600 } },
  });
  expect(valuesOf(decoded)).toEqual({ "switch:0.aenergy.total": "1234.5" });
  expect(decoded.observations[0]?.register).toMatchObject({
    unit: "Wh",
    kind: "cumulative",
    direction: "import",
  });
});

test("a partial update says nothing of what it does not name, and null is no value", () => {
  expect(valuesOf(notify({ ts: 1, "em:0": { n_current: null, a_voltage: 230 } }))).toEqual({
    "em:0.a_voltage": "230",
  });
});

test("volt-amperes are no watts", () => {
  const decoded = notify({ ts: 1, "em:0": { total_aprt_power: 700 }, "pm1:0": { aprtpower: 5 } });
  expect(
    decoded.observations.map(({ register }) => [register.quantity, register.unit, register.carrier]),
  ).toEqual([
    ["apparent-power", "VA", null],
    ["apparent-power", "VA", null],
  ]);
});

test("phases do not count beside the whole", () => {
  const decoded = notify({ ts: 1, "emdata:0": { a_total_act_energy: 1, total_act: 3, total_act_ret: 2 } });
  expect(decoded.observations.map(({ register }) => [register.carrier, register.direction])).toEqual([
    [null, null],
    ["electricity", "import"],
    ["electricity", "export"],
  ]);
});

test("the time is that of the notification, with its fraction, in UTC", () => {
  const [first] = notify({ ts: 1_757_060_280.21, "pm1:0": { apower: 1 } }).observations;
  expect(first?.observedAtMs).toBe(1_757_060_280_210);
  expect(first?.clock).toBe(ClockSource.payloadOffset);
});

test.each([[null], ["soon"], [1e300], [undefined]])("a time of %j is none: the broker's is taken", (ts) => {
  const [first] = notify({ ts, "pm1:0": { aenergy: { total: 7 } } }).observations;
  expect(first).toMatchObject({ observedAtMs: undefined, clock: ClockSource.broker });
  expect(first?.register.timedByBroker).toBe(true);
});

test("a clock that counts from the start of the device is not set: the message has no time", () => {
  const [first] = notify({ ts: 1.61, "pm1:0": { aenergy: { total: 7 } } }).observations;
  expect(first).toMatchObject({ observedAtMs: undefined, clock: ClockSource.broker });
});

test.each([
  ["hall/online", "true"],
  ["hall/status/sys", '{"mac":"A8032AB11964","unixtime":1771329600}'],
  ["hall/status/wifi", '{"rssi":-60}'],
  ["hall/debug/log", "shelly_notification:163 Status change"],
  ["hall/announce", '{"id":"shelly-1","gen":2}'],
  ["caller/rpc", '{"id":1,"src":"shelly-1","error":{"code":404}}'],
])("%s is of no interest: %s", (topic, text) => {
  expect(family.decode(Buffer.from(text), { ...CONTEXT, topic })).toEqual({
    observations: [],
    rejections: [],
  });
});

test("a counter that was reset is told as it is", () => {
  expect(valuesOf(notify({ ts: 1, "switch:0": { aenergy: { total: 0.0 } } }))).toEqual({
    "switch:0.aenergy.total": "0",
  });
});

test("a component's own topic gives the registers of its notifications", () => {
  const topic = "hall/status/switch:3";
  const alone = family.decode(Buffer.from('{"id":3,"aenergy":{"total":5.10}}'), { ...CONTEXT, topic });
  const [told] = notify({ ts: 1, "switch:3": { aenergy: { total: 5.1 } } }).observations;
  expect(alone.observations[0]?.register).toBe(told?.register);
  expect(alone.observations[0]?.value).toBe("5.10");
});

test("buttons, networks, answers to calls and components that nobody knows are passed over", () => {
  for (const message of [
    { src: "a", method: "NotifyEvent", params: { events: [] } },
    { id: 1, src: "a", result: {} },
    { src: "a", method: "NotifyStatus", params: { ts: 1, "unknown:0": { some_value: 1 }, wifi: {} } },
  ]) {
    expect(family.decode(Buffer.from(JSON.stringify(message)), CONTEXT)).toEqual({
      observations: [],
      rejections: [],
    });
  }
});

test("what is no notification is said to be none", () => {
  expect(notify({}, { method: undefined }).rejections[0]?.reason).toBe("reading_malformed");
});

test("a gateway is told by whom it was said, and only by notifications", () => {
  const bytes = Buffer.from('{"src":"shelly-9","method":"NotifyStatus","params":{}}');
  expect(family.recognise?.("x/events/rpc", bytes)).toBe("shelly-9");
  expect(family.recognise?.("x/other", bytes)).toBeUndefined();
  expect(family.recognise?.("x/events/rpc", Buffer.from("{}"))).toBeUndefined();
});

test.each([
  ["shellypro3em-a8032abe54dc/status/em:0", '{"id":0}', "shellypro3em-a8032abe54dc"],
  ["shellypro3em-a8032abe54dc/online", "true", "shellypro3em-a8032abe54dc"],
  ["house/shellyplugsg3-A8032ABE54DC/status/switch:0", '{"id":0}', "shellyplugsg3-a8032abe54dc"],
  ["shellypro3em-a8032abe54dc/status/sys", "{}", "shellypro3em-a8032abe54dc"],
  ["shellypro3em-a8032abe54dc/debug/log", "x", "shellypro3em-a8032abe54dc"],
  ["shellypro3em-a8032abe54dc/events/rpc", '{"src":"x"}', undefined],
  // The news of a button is of the device too: else each of them would be claimed apart, by its topic.
  ["hall/events/rpc", '{"src":"shelly-9","method":"NotifyEvent","params":{"ts":1,"events":[]}}', "shelly-9"],
  ["hall/events/rpc", '{"src":"shelly-9","method":"Shelly.GetStatus","params":{}}', undefined],
  ["hall/status/em:0", '{"id":0}', undefined],
  ["hall/online", "true", undefined],
  ["shellies/shellyem-1234/relay/0", "on", undefined],
])("who speaks on %s behind a gateway", (topic, text, name) => {
  expect(family.recognise?.(topic, Buffer.from(text))).toBe(name);
});

test("a device has one name, whichever of its topics it speaks on", () => {
  const src = "shellypro3em-a8032abe54dc";
  const bytes = Buffer.from(JSON.stringify({ src, method: "NotifyStatus", params: {} }));
  expect(family.recognise?.("hall/events/rpc", bytes)).toBe(
    family.recognise?.(`${src}/status/em:0`, Buffer.from("{}")),
  );
});

test("of a Pro EM with two clamps each is a whole, and its data come apart from its powers", () => {
  const decoded = notify({
    ts: 1_771_329_600,
    "em1:0": {
      id: 0,
      act_power: -120.5,
      aprt_power: 240.1,
      calibration: "factory",
      errors: ["power_meter_failure"],
    },
    "em1data:1": { id: 1, total_act_energy: 900.12, total_act_ret_energy: 3.5 },
  });
  expect(
    decoded.observations.map(({ register, value }) => [
      register.name,
      value,
      register.unit,
      register.direction,
    ]),
  ).toEqual([
    ["em1:0.act_power", "-120.5", "W", null],
    ["em1:0.aprt_power", "240.1", "VA", null],
    ["em1data:1.total_act_energy", "900.12", "Wh", "import"],
    ["em1data:1.total_act_ret_energy", "3.5", "Wh", "export"],
  ]);
});

test("a full status tells of network and buttons too, and of the pulses that an input counts", () => {
  const params = {
    ts: 1_771_329_600.5,
    ble: {},
    cloud: { connected: true },
    "input:2": { id: 2, counts: { total: 4711, by_minute: [1, 2, 3] }, freq: 0.5 },
    "pm1:0": { id: 0, voltage: 232.1, current: 0.2, apower: 31, freq: 50, aenergy: { total: 7.25 } },
    sys: { unixtime: 1_771_329_600, uptime: 12 },
    "temperature:100": { id: 100, tC: null, tF: null, errors: ["out_of_range"] },
  };
  expect(valuesOf(notify(params, { method: "NotifyFullStatus" }))).toEqual({
    "input:2.counts.total": "4711",
    "pm1:0.voltage": "232.1",
    "pm1:0.current": "0.2",
    "pm1:0.apower": "31",
    "pm1:0.freq": "50",
    "pm1:0.aenergy.total": "7.25",
  });
});

test("decoding undoes encoding", () => {
  const decimal = fc.integer({ min: 0, max: 1e9 }).map((value) => (value / 1000).toFixed(3));
  const field = fc.constantFrom("apower", "aenergy.total", "ret_aenergy.total", "voltage");
  const component = fc.integer({ min: 0, max: 99 }).map((id) => `switch:${id}`);
  const components = fc.dictionary(component, fc.dictionary(field, decimal, { minKeys: 1 }), { minKeys: 1 });
  const instant = fc.integer({ min: 946_684_800_000, max: 4_000_000_000_000 });
  fc.assert(
    fc.property(components, instant, (all, observedAtMs) => {
      const fields = new Map(
        Object.entries(all).map(([name, values]) => [name, new Map(Object.entries(values))]),
      );
      const decoded = family.decode(
        encodeShelly({ source: "shelly-1", observedAtMs, components: fields }),
        CONTEXT,
      );
      expect(decoded.rejections).toEqual([]);
      expect(valuesOf(decoded)).toEqual(
        Object.fromEntries(
          Object.entries(all).flatMap(([name, values]) =>
            Object.entries(values).map(([key, value]) => [`${name}.${key}`, value]),
          ),
        ),
      );
      expect(decoded.observations.every((one) => one.observedAtMs === observedAtMs)).toBe(true);
    }),
  );
});
