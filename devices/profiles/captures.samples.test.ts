// Captured telegrams of real meters and the examples of RFC 8428, against values read from their text by hand.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import type { DecodeContext, Decoded } from "#devices/reading";
import { sharedDir } from "#testing";
import { decoderFor } from "./index.ts";

const shared = sharedDir();
const present = shared !== undefined;
const samples = resolve(shared ?? "", "samples");

const CONTEXT: DecodeContext = {
  topic: "telegram",
  receivedAtMs: Date.UTC(2026, 2, 1),
  timezone: "Europe/Amsterdam",
  expectedIntervalS: null,
};

/** One observation in a line: name, meter, value with unit, instant; and the carrier where it has one. */
function linesOf({ observations, rejections }: Decoded): string[] {
  expect(rejections).toEqual([]);
  return observations.map(({ register, value, observedAtMs }) => {
    const at = observedAtMs === undefined ? "no time" : new Date(observedAtMs).toISOString();
    return `${register.name} ${register.equipmentId} ${value} ${register.unit} ${register.carrier ?? "-"} ${at}`;
  });
}

function p1(file: string): string[] {
  const decoded = decoderFor("dsmr-p1")?.(readFileSync(resolve(samples, "dsmr-p1", file)), CONTEXT);
  return decoded === undefined ? [] : linesOf(decoded);
}

function senml(file: string): Decoded {
  const text = readFileSync(resolve(samples, "senml", file), "utf8");
  const json: unknown = JSON.parse(text);
  const payload = Array.isArray(json) ? text : JSON.stringify((json as { payload: unknown }).payload);
  return decoderFor("senml")?.(Buffer.from(payload), CONTEXT) ?? { observations: [], rejections: [] };
}

/** The value lines of one meter at one instant: `code value unit`, carrier electricity unless told. */
function at(meter: string, instant: string, values: readonly string[]): string[] {
  return values.map((line) => {
    const [code = "", value = "", unit = "", carrier = "electricity"] = line.split(" ");
    return `${code} ${meter} ${value} ${unit} ${carrier} ${instant}`;
  });
}

describe.runIf(present)("dsmr-p1", () => {
  test("Fluvius eMUCS 1.7.1: import, export, peaks and their history, gas and water at their own times", () => {
    const meter = "1SAG3101021605";
    const telegram = "2020-05-12T11:54:09.000Z";
    expect(p1("fluvius_v171.txt")).toEqual([
      ...at(meter, telegram, [
        "1-0:1.8.1 0.034 kWh",
        "1-0:1.8.2 15.758 kWh",
        "1-0:2.8.1 0.000 kWh",
        "1-0:2.8.2 0.011 kWh",
      ]),
      ...at(meter, telegram, ["1-0:1.4.0 2.351 kW"]),
      ...at(meter, "2020-05-09T11:45:58.000Z", ["1-0:1.6.0 2.589 kW"]),
      ...at(meter, "2020-04-23T17:25:38.000Z", ["0-0:98.1.0 3.695 kW"]),
      ...at(meter, "2020-03-05T10:21:39.000Z", ["0-0:98.1.0 5.980 kW"]),
      ...at(meter, "2020-02-10T02:54:21.000Z", ["0-0:98.1.0 4.318 kW"]),
      ...at(meter, telegram, ["0-0:96.14.0 1 ", "1-0:1.7.0 0.000 kW", "1-0:2.7.0 0.000 kW"]),
      ...at(meter, telegram, ["1-0:21.7.0 0.000 kW", "1-0:41.7.0 0.000 kW", "1-0:61.7.0 0.000 kW"]),
      ...at(meter, telegram, ["1-0:22.7.0 0.000 kW", "1-0:42.7.0 0.000 kW", "1-0:62.7.0 0.000 kW"]),
      ...at(meter, telegram, ["1-0:32.7.0 234.7 V", "1-0:52.7.0 234.7 V", "1-0:72.7.0 234.7 V"]),
      ...at(meter, telegram, ["1-0:31.7.0 0.00 A", "1-0:51.7.0 0.00 A", "1-0:71.7.0 0.00 A"]),
      ...at("7FLO2119033733", "2020-05-12T11:45:58.000Z", ["0-1:24.2.3 112.384 m3 gas"]),
      ...at("8SAG1234567890", "2020-05-12T11:45:58.000Z", ["0-2:24.2.1 872.234 m3 water"]),
    ]);
  });

  test("DSMR 5: three phases, gas, and a second channel without a meter", () => {
    const meter = "K8EG004046395507";
    const telegram = "2017-01-02T18:20:02.000Z";
    expect(p1("v5.txt")).toEqual([
      ...at(meter, telegram, [
        "1-0:1.8.1 4.426 kWh",
        "1-0:1.8.2 2.399 kWh",
        "1-0:2.8.1 2.444 kWh",
        "1-0:2.8.2 0.000 kWh",
      ]),
      ...at(meter, telegram, ["0-0:96.14.0 2 ", "1-0:1.7.0 0.244 kW", "1-0:2.7.0 0.000 kW"]),
      ...at(meter, telegram, ["1-0:32.7.0 230.0 V", "1-0:52.7.0 230.0 V", "1-0:72.7.0 229.0 V"]),
      ...at(meter, telegram, ["1-0:31.7.0 0.48 A", "1-0:51.7.0 0.44 A", "1-0:71.7.0 0.86 A"]),
      ...at(meter, telegram, ["1-0:21.7.0 0.070 kW", "1-0:41.7.0 0.032 kW", "1-0:61.7.0 0.142 kW"]),
      ...at(meter, telegram, ["1-0:22.7.0 0.000 kW", "1-0:42.7.0 0.000 kW", "1-0:62.7.0 0.000 kW"]),
      ...at("2222ABCD123456789", "2017-01-02T15:10:05.000Z", ["0-1:24.2.1 0.107 m3 gas"]),
    ]);
  });

  test("DSMR 4.2: a gas meter that is ahead of the telegram", () => {
    const meter = "3960221976967177082151037881335713";
    const telegram = "2016-11-13T19:57:57.000Z";
    expect(p1("v4_2.txt")).toEqual([
      ...at(meter, telegram, [
        "1-0:1.8.1 1581.123 kWh",
        "1-0:1.8.2 1435.706 kWh",
        "1-0:2.8.1 0.000 kWh",
        "1-0:2.8.2 0.000 kWh",
      ]),
      ...at(meter, telegram, ["0-0:96.14.0 2 ", "1-0:1.7.0 2.027 kW", "1-0:2.7.0 0.000 kW"]),
      ...at(meter, telegram, ["1-0:31.7.0 0 A", "1-0:51.7.0 6 A", "1-0:71.7.0 2 A"]),
      ...at(meter, telegram, [
        "1-0:21.7.0 0.170 kW",
        "1-0:22.7.0 0.000 kW",
        "1-0:41.7.0 1.247 kW",
        "1-0:42.7.0 0.000 kW",
      ]),
      ...at(meter, telegram, ["1-0:61.7.0 0.209 kW", "1-0:62.7.0 0.000 kW"]),
      ...at("4819243993373755377509728609491464", "2016-11-29T19:00:00.000Z", ["0-1:24.2.1 981.443 m3 gas"]),
    ]);
  });

  test("DSMR 3: no telegram time, no checksum, gas in two lines at local time", () => {
    expect(p1("v3.txt")).toEqual([
      ...at("K8EG004046395507", "no time", ["1-0:1.8.1 12345.678 kWh", "1-0:1.8.2 12345.678 kWh"]),
      ...at("K8EG004046395507", "no time", ["1-0:2.8.1 12345.678 kWh", "1-0:2.8.2 12345.678 kWh"]),
      ...at("K8EG004046395507", "no time", ["0-0:96.14.0 2 ", "1-0:1.7.0 1.19 kW", "1-0:2.7.0 0.00 kW"]),
      ...at("2222ABCD123456789", "2009-02-12T15:00:00.000Z", ["0-1:24.3.0 1.001 m3 gas"]),
    ]);
  });

  test("DSMR 2.2: the same, with serial numbers of zeros, which are none", () => {
    expect(p1("v2_2.txt")).toEqual([
      ...at("", "no time", [
        "1-0:1.8.1 1.001 kWh",
        "1-0:1.8.2 1.001 kWh",
        "1-0:2.8.1 1.001 kWh",
        "1-0:2.8.2 1.001 kWh",
      ]),
      ...at("", "no time", ["0-0:96.14.0 1 ", "1-0:1.7.0 1.01 kW", "1-0:2.7.0 0.00 kW"]),
      ...at("", "2016-11-07T18:00:00.000Z", ["0-1:24.3.0 1.001 m3 gas"]),
    ]);
  });

  test("a heat meter behind a telegram whose checksum lacks its leading zero", () => {
    expect(p1("unpadded_crc.txt")).toEqual(
      at("621848012D2C0B0C", "2026-02-15T19:05:23.000Z", ["0-1:24.2.1 240.860 GJ heat"]),
    );
  });

  test("EasyMeter: seven decimals, watts, no time, no checksum, foreign lines after the end", () => {
    expect(p1("esy5q3da1004_v304.txt")).toEqual(
      at("1ESY1336001560", "no time", [
        "1-0:1.8.0 32549.5061662 kWh",
        "1-0:21.7.0 557.29 W",
        "1-0:41.7.0 521.62 W",
        "1-0:61.7.0 609.30 W",
        "1-0:1.7.0 1688.21 W",
      ]),
    );
  });

  test("E.ON Hungary: four tariffs, four quadrants, and a month list that is no Belgian history", () => {
    expect(p1("v5_eon_hu.txt")).toEqual(
      at("890082200002160", "2023-07-24T13:07:30.000Z", [
        "0-0:96.14.0 1 ",
        ...["1.8.0 173.640", "1.8.1 47.719", "1.8.2 125.921", "1.8.3 0.000", "1.8.4 0.000"].map(
          (one) => `1-0:${one} kWh`,
        ),
        ...["2.8.0 627.177", "2.8.1 401.829", "2.8.2 225.348", "2.8.3 0.000", "2.8.4 0.000"].map(
          (one) => `1-0:${one} kWh`,
        ),
        ...["3.8.0 0.123", "4.8.0 303.131", "5.8.0 0.668", "6.8.0 0.071"].map((one) => `1-0:${one} kvarh`),
        ...["7.8.0 160.487", "8.8.0 143.346"].map((one) => `1-0:${one} kvarh`),
        "1-0:15.8.0 800.817 kWh -",
        "1-0:32.7.0 240.4 V",
        "1-0:52.7.0 239.1 V",
        "1-0:72.7.0 241.2 V",
        "1-0:31.7.0 3 A",
        "1-0:51.7.0 4 A",
        "1-0:71.7.0 3 A",
        "1-0:13.7.0 4.556 ",
        "1-0:33.7.0 4.591 ",
        "1-0:53.7.0 4.542 ",
        "1-0:73.7.0 4.552 ",
        "1-0:14.7.0 50.00 Hz",
        "1-0:1.7.0 0.000 kW",
        "1-0:2.7.0 2.601 kW",
        "1-0:5.7.0 0.000 kvar",
        "1-0:6.7.0 0.000 kvar",
        "1-0:7.7.0 0.504 kvar",
        "1-0:8.7.0 0.000 kvar",
      ]),
    );
  });
});

describe.runIf(present)("senml", () => {
  test("§5.1.1: one temperature without a time", () => {
    expect(linesOf(senml("rfc8428-5.1.1-single.json"))).toEqual([
      "urn:dev:ow:10e2073a01080063  23.1 Cel - no time",
    ]);
  });

  test("§5.1.2: voltage and current without a time", () => {
    expect(linesOf(senml("rfc8428-5.1.2-multiple.json"))).toEqual([
      "urn:dev:ow:10e2073a01080063:voltage  120.1 V electricity no time",
      "urn:dev:ow:10e2073a01080063:current  1.2 A electricity no time",
    ]);
  });

  test("§5.1.2: base time 1276020076.001 with the seconds before it", () => {
    const base = "urn:dev:ow:10e2073a0108006";
    expect(linesOf(senml("rfc8428-5.1.2-base-time.json"))).toEqual([
      `${base}:voltage  120.1 V electricity 2010-06-08T18:01:16.001Z`,
      ...[1.2, 1.3, 1.4, 1.5, 1.6, 1.7].map(
        (value, index) => `${base}:current  ${value} A electricity 2010-06-08T18:01:${11 + index}.001Z`,
      ),
    ]);
  });

  test("an index as sum: joules, cubic metres, and the power of the moment", () => {
    const decoded = senml("constructed.energy_sum.json");
    const base = "urn:dev:mac:0024befffe804ff1";
    expect(linesOf(decoded)).toEqual([
      `${base}:energy  3600000 J electricity 2026-01-01T00:00:00.000Z`,
      `${base}:water  12.345 m3 water 2026-01-01T00:00:00.000Z`,
      `${base}:power  860 W electricity 2026-01-01T00:00:00.000Z`,
    ]);
    expect(decoded.observations.map(({ register }) => register.kind)).toEqual([
      "cumulative",
      "cumulative",
      "instantaneous",
    ]);
  });
});
