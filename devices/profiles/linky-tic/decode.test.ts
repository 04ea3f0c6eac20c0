// The traps of a Linky's customer port: apparent power, parts of a total, the Z that is none, and the mode without time.
import { describe, expect, test } from "vitest";
import type { DecodeContext, Decoded, Observation } from "#devices/reading";
import { ClockSource } from "#devices/vocabulary";
import { family } from "./index.ts";

const CONTEXT: DecodeContext = {
  topic: "teleinfo/data",
  receivedAtMs: Date.UTC(2026, 2, 1),
  timezone: "Europe/Paris",
  expectedIntervalS: null,
};
const bytes = (frame: object): Buffer => Buffer.from(JSON.stringify(frame));
const decode = (frame: object, topic = CONTEXT.topic): Decoded =>
  family.decode(bytes(frame), { ...CONTEXT, topic });
const raw = (text: string, timestamp?: object): object => ({ raw: text, value: Number(text), timestamp });
const dated = (date: string, dst?: string): object => ({ raw: "", value: "", timestamp: { dst, date } });
const byLabel = (frame: object): ReadonlyMap<string, Observation> =>
  new Map(decode(frame).observations.map((one) => [one.register.name, one]));

test("PAPP and SINSTS are VA and go to no supply point", () => {
  for (const name of ["PAPP", "SINSTS", "SINSTI", "SINSTS1", "SMAXSN"]) {
    expect(byLabel({ [name]: raw("04110") }).get(name)?.register).toMatchObject({
      unit: "VA",
      carrier: null,
    });
  }
});

test("leading zeros are kept in the meter's address and not in the value", () => {
  const [one] = decode({ ADCO: raw("012345678901"), BASE: raw("006367621") }).observations;
  expect([one?.register.equipmentId, one?.value]).toEqual(["012345678901", "6367621"]);
  expect(decode({ PRM: raw("06444000000038"), BASE: raw("1") }).observations[0]?.register.equipmentId).toBe(
    "06444000000038",
  );
});

test("supplier's tariffs do not count beside the total, the distributor's never do, injection is export", () => {
  const found = byLabel({ EAST: raw("3"), EASF01: raw("2"), EASD01: raw("3"), EAIT: raw("1") });
  const places = [...found.values()].map(
    ({ register }) => `${register.name} ${register.carrier} ${register.direction}`,
  );
  expect(places).toEqual([
    "EAST electricity import",
    "EASF01 null null",
    "EASD01 null null",
    "EAIT electricity export",
  ]);
  expect(byLabel({ EASF01: raw("2") }).get("EASF01")?.register).toMatchObject({
    carrier: "electricity",
    tariff: "1",
  });
});

test.each([
  "HCHC",
  "HCHP",
  "EJPHN",
  "EJPHPM",
  "BBRHCJB",
  "BBRHPJB",
  "BBRHCJW",
  "BBRHPJW",
  "BBRHCJR",
  "BBRHPJR",
])("%s is a tariff of the history mode, in Wh", (name) => {
  expect(byLabel({ [name]: raw("000000042") }).get(name)).toMatchObject({
    value: "42",
    observedAtMs: undefined,
    register: {
      unit: "Wh",
      kind: "cumulative",
      carrier: "electricity",
      timedByBroker: true,
      tariff: name.replace("BBR", ""),
    },
  });
});

test("standard mode without DATE has no time, and its indices do not take the broker's", () => {
  const one = byLabel({ EAST: raw("3") }).get("EAST");
  expect([one?.observedAtMs, one?.clock, one?.register.timedByBroker]).toEqual([
    undefined,
    ClockSource.broker,
    undefined,
  ]);
});

describe("horodates are the clock on the wall", () => {
  const timeOf = (frame: object) => {
    const [one] = decode(frame).observations;
    return [one?.observedAtMs === undefined ? "none" : new Date(one.observedAtMs).toISOString(), one?.clock];
  };

  test.each([
    ["in summer two hours ahead of UTC", "2025-04-14T12:54:38.000Z", "summer", "2025-04-14T10:54:38.000Z"],
    ["in winter one", "2026-02-28T11:00:38.000Z", "winter", "2026-02-28T10:00:38.000Z"],
    ["the first hour that autumn repeats", "2025-10-26T02:30:00.000Z", "summer", "2025-10-26T00:30:00.000Z"],
    ["and the second", "2025-10-26T02:30:00.000Z", "winter", "2025-10-26T01:30:00.000Z"],
  ])("%s", (_name, date, dst, instant) => {
    expect(timeOf({ DATE: dated(date, dst), EAST: raw("3") })).toEqual([instant, ClockSource.payloadOffset]);
  });

  test("without the season they are of the building's zone", () => {
    expect(timeOf({ DATE: dated("2026-02-28T11:00:38.000Z"), EAST: raw("3") })).toEqual([
      "2026-02-28T10:00:38.000Z",
      ClockSource.payloadLocal,
    ]);
  });

  test("a point of the load curve is of its own instant, in W", () => {
    const own = { dst: "winter", date: "2026-02-28T11:00:00.000Z" };
    const found = byLabel({
      DATE: dated("2026-02-28T11:12:00.000Z", "winter"),
      CCASN: raw("00504", own),
      SINSTS: raw("1"),
    });
    expect(found.get("CCASN")).toMatchObject({
      value: "504",
      observedAtMs: Date.UTC(2026, 1, 28, 10),
      register: { unit: "W", quantity: "power", keepEveryS: 0 },
    });
    expect(found.get("SINSTS")?.observedAtMs).toBe(Date.UTC(2026, 1, 28, 10, 12));
  });

  test("one that cannot be read costs its label alone", () => {
    const own = { dst: "winter", date: "2026-02-30T11:00:00.000Z" };
    const { observations, rejections } = decode({ EAST: raw("1"), CCASN: raw("00504", own) });
    expect([observations.length, rejections.map(({ reason }) => reason)]).toEqual([1, ["reading_malformed"]]);
  });
});

test("PREF has two digits in kVA, or five in VA", () => {
  expect(byLabel({ PREF: raw("12") }).get("PREF")).toMatchObject({ value: "12", register: { unit: "kVA" } });
  expect(byLabel({ PREF: raw("12000") }).get("PREF")).toMatchObject({
    value: "12000",
    register: { unit: "VA" },
  });
});

test("the same register is the same object", () => {
  expect(byLabel({ EAST: raw("1") }).get("EAST")?.register).toBe(
    byLabel({ EAST: raw("2") }).get("EAST")?.register,
  );
});

test("up and down are of no interest", () => {
  const context = { ...CONTEXT, topic: "teleinfo/status" };
  expect(family.decode(Buffer.from("up"), context)).toEqual({ observations: [], rejections: [] });
});

test.each([
  ["no label at all", { foo: "bar" }, "reading_malformed"],
  ["an unknown label", { EAST: raw("1"), FOO: raw("1") }, "reading_malformed"],
  ["a value that is no number", { EAST: { raw: "12A" } }, "value_not_numeric"],
  ["texts alone", { ADCO: raw("1"), PTEC: { raw: "TH.." } }, "reading_malformed"],
])("%s is told", (_name, frame, reason) => {
  expect(decode(frame).rejections).toMatchObject([{ reason }]);
});

test("a frame is recognised by the meter's address, and nothing else is", () => {
  expect(family.recognise?.("t", bytes({ ADSC: raw("041875000001"), EAST: raw("1") }))).toBe("041875000001");
  const others = [{ EAST: raw("1") }, { ADCO: "041875000001" }, { foo: 1 }, { TIC: { ADCO: raw("1") } }];
  for (const other of others) expect(family.recognise?.("teleinfo/data", bytes(other))).toBeUndefined();
});
