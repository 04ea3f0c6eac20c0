// Messages of The Things Stack v3: which carry readings, of whom, and when.
import { expect, test } from "vitest";
import type { DecodeContext, Decoded } from "#devices/reading";
import { ClockSource } from "#devices/vocabulary";
import { family } from "./index.ts";

const CONTEXT: DecodeContext = {
  topic: "v3/made@ttn/devices/made-1/up",
  receivedAtMs: Date.UTC(2026, 2, 1),
  timezone: "Europe/Brussels",
  expectedIntervalS: null,
};
const IDS = { device_id: "made-1", dev_eui: "70B3D5000000CAFE" };
const bytes = (fields: object): Buffer =>
  Buffer.from(JSON.stringify({ end_device_ids: IDS, received_at: "2026-02-28T10:00:01.5Z", ...fields }));
const decode = (fields: object): Decoded => family.decode(bytes(fields), CONTEXT);
const uplink = (decoded_payload: unknown, more: object = {}): object => ({
  uplink_message: {
    frm_payload: "AA==",
    decoded_payload,
    received_at: "2026-02-28T10:00:00.054442349Z",
    ...more,
  },
});

test("the time of the network server, before that of the application server", () => {
  const [one] = decode(uplink({ temperature: 1 })).observations;
  expect([one?.observedAtMs, one?.clock]).toEqual([
    Date.UTC(2026, 1, 28, 10, 0, 0, 54),
    ClockSource.networkServer,
  ]);
  const [other] = decode(uplink({ temperature: 1 }, { received_at: undefined })).observations;
  expect(other?.observedAtMs).toBe(Date.UTC(2026, 1, 28, 10, 0, 1, 500));
});

test("no gateway's time is asked, and the device's own outranks the server's", () => {
  const rx_metadata = [{ time: "2026-02-28T09:00:00Z" }];
  const [one] = decode(uplink({ temperature: 1, timestamp: 1772272700 }, { rx_metadata })).observations;
  expect([one?.observedAtMs, one?.clock]).toEqual([1772272700000, ClockSource.payloadOffset]);
});

test("the device by its EUI in small letters; one without is named by its identifier", () => {
  expect(decode(uplink({ volt: 1 })).observations[0]?.register.equipmentId).toBe("70b3d5000000cafe");
  const ids = { end_device_ids: { device_id: "made-1" }, ...uplink({ volt: 1 }) };
  expect(decode(ids).observations[0]?.register.equipmentId).toBe("made-1");
});

test.each([
  "join_accept",
  "downlink_ack",
  "downlink_sent",
  "downlink_queued",
  "location_solved",
  "service_data",
])("%s is of no interest", (kind) => {
  expect(decode({ [kind]: { decoded_payload: { temperature: 1 } } })).toEqual({
    observations: [],
    rejections: [],
  });
});

test("a payload that nobody decoded says that the codec is missing; without payload there is nothing to say", () => {
  expect(decode(uplink(undefined)).rejections).toMatchObject([{ reason: "reading_malformed" }]);
  expect(decode(uplink({})).rejections[0]?.detail).toContain("codec");
  expect(decode(uplink(undefined, { frm_payload: undefined }))).toEqual({ observations: [], rejections: [] });
});

test.each(["result", "data"])("a message wrapped in %s is the same message", (wrapper) => {
  const inner: unknown = JSON.parse(bytes(uplink({ temperature: 1 })).toString());
  const wrapped = Buffer.from(JSON.stringify({ [wrapper]: inner }));
  expect(family.decode(wrapped, CONTEXT)).toEqual(decode(uplink({ temperature: 1 })));
  expect(family.recognise?.("t", wrapped)).toBe("70b3d5000000cafe");
});

test("any message is recognised by its device, and nothing else is", () => {
  expect(family.recognise?.("t", bytes({ join_accept: {} }))).toBe("70b3d5000000cafe");
  for (const text of ['{"end_device_ids":{}}', '{"uplink_message":{}}', "[]", "{", ""]) {
    expect(family.recognise?.(CONTEXT.topic, Buffer.from(text))).toBeUndefined();
  }
});

test("where the codec decodes nothing and normalises all, that is read, with the times of its measurements", () => {
  const normalized_payload = [
    { time: "2026-02-28T09:00:00Z", air: { temperature: 20.5, relativeHumidity: 50 } },
    { time: "2026-02-28T09:30:00Z", air: { temperature: 21 } },
  ];
  for (const decoded of [undefined, {}, null]) {
    const { observations } = decode(uplink(decoded, { normalized_payload }));
    expect(
      observations.map(({ register, value, observedAtMs }) => [register.name, value, observedAtMs]),
    ).toEqual([
      ["air.temperature", "20.5", Date.UTC(2026, 1, 28, 9)],
      ["air.relativeHumidity", "50", Date.UTC(2026, 1, 28, 9)],
      ["air.temperature", "21", Date.UTC(2026, 1, 28, 9, 30)],
    ]);
  }
});
