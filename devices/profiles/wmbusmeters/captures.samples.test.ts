// Telegrams of real meters as wmbusmeters decodes them in its own tests: every energy, volume and power of each, read again.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { decimalFromNumber } from "#devices/decimal";
import type { DecodeContext, Observation } from "#devices/reading";
import { ClockSource } from "#devices/vocabulary";
import { sharedDir } from "#testing";
import { family as wmbusmeters } from "./index.ts";

const shared = sharedDir();
const file = resolve(shared ?? "", "samples/wmbusmeters/telegrams.ndjson");

const RECEIVED_AT = Date.UTC(2026, 10, 29);
const CONTEXT: DecodeContext = {
  topic: "wmbus",
  receivedAtMs: RECEIVED_AT,
  timezone: "Europe/Brussels",
  expectedIntervalS: null,
};
/** The placeholder of wmbusmeters' tests. */
const HEARD_AT = Date.parse("1111-11-11T11:11:11Z");

/** Written down apart from the decoder: the units of what people pay for. */
const UNITS: Readonly<Record<string, string>> = {
  kwh: "kWh",
  mj: "MJ",
  gj: "GJ",
  m3: "m3",
  kw: "kW",
  hca: "hca",
  kvarh: "kvarh",
  kvah: "kVAh",
};

/** Names of what is not of now, as the drivers write them; again apart from the decoder. */
const PAST = [
  "set_date",
  "history",
  "historic",
  "target",
  "prev",
  "last_",
  "_last",
  "due",
  "_ago",
  "delta",
  "period",
  "reporting_date",
  "old_date",
  "at_date",
  "key_datetime",
  "base_",
];
const MONTH = /^(January|February|March|April|May|June|July|August|September|October|November|December)_/;

type Value = { readonly key: string; readonly text: string; readonly unit: string; readonly past: boolean };
type Sample = {
  readonly text: string;
  readonly json: Readonly<Record<string, unknown>>;
  readonly values: Value[];
};

function samples(): Sample[] {
  return readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line) => {
      const text = line.slice(line.indexOf('"json":') + '"json":'.length, -1);
      const values = [...text.matchAll(/"(\w+_([a-z0-9]+))":(-?\d[\d.eE+-]*)/g)].flatMap(
        ([, key = "", suffix = "", digits = ""]) => {
          const unit = UNITS[suffix];
          const past =
            PAST.some((word) => key.includes(word)) || MONTH.test(key) || /^consumption_\d+_/.test(key);
          return unit === undefined ? [] : [{ key, text: plain(digits), unit, past }];
        },
      );
      return { text, json: JSON.parse(text) as Record<string, unknown>, values };
    });
}

/** One sample writes 1.7e-05. */
const plain = (digits: string): string =>
  digits.includes("e") ? (decimalFromNumber(Number(digits)) ?? "") : digits;

function decoded(text: string): ReadonlyMap<string, Observation> {
  const { observations } = wmbusmeters.decode(Buffer.from(text), CONTEXT);
  const byName = new Map(observations.map((one) => [one.register.name, one]));
  expect(byName.size).toBe(observations.length);
  return byName;
}

describe.runIf(shared !== undefined)("wmbusmeters", () => {
  test("every value of now has its digits, its unit and the instant at which it was heard", () => {
    let compared = 0;
    for (const { text, json, values } of samples()) {
      const byName = decoded(text);
      for (const { key, text: digits, unit } of values.filter(({ past }) => !past)) {
        const one = byName.get(key);
        expect([json["meter"], key, one?.value, one?.register.unit, one?.observedAtMs]).toEqual([
          json["meter"],
          key,
          digits,
          unit,
          HEARD_AT,
        ]);
        expect(one?.register.equipmentId).toBe(json["id"]);
        compared += 1;
      }
    }
    expect(compared).toBeGreaterThan(400);
  });

  test("a value of the past is none of now: it has the date that its telegram gives it, or is as told, and goes nowhere", () => {
    let dated = 0;
    let undated = 0;
    for (const { text, json, values } of samples()) {
      const byName = decoded(text);
      for (const { key, text: digits, unit } of values.filter(({ past }) => past)) {
        const one = byName.get(key);
        expect([json["meter"], key, one?.value, one?.register.unit, one?.register.carrier]).toEqual([
          json["meter"],
          key,
          digits,
          unit,
          null,
        ]);
        expect(one?.register.quantity).toMatch(/^past-/);
        if (one?.register.onChange === true) {
          undated += 1;
          expect([one.observedAtMs, one.clock]).toEqual([HEARD_AT, ClockSource.networkServer]);
          continue;
        }
        dated += 1;
        expect(one?.clock).toBe(ClockSource.payloadLocal);
        expect(one?.observedAtMs).toBeLessThanOrEqual(RECEIVED_AT);
        const day = Temporal.Instant.fromEpochMilliseconds(one?.observedAtMs ?? 0)
          .toZonedDateTimeISO(CONTEXT.timezone)
          .toPlainDate()
          .toString();
        const dates = Object.values(json).filter(
          (value) => typeof value === "string" && value.startsWith(day),
        );
        expect([json["meter"], key, dates.length > 0]).toEqual([json["meter"], key, true]);
      }
    }
    expect(dated).toBeGreaterThan(200);
    expect(undated).toBeGreaterThan(200);
  });

  test("at most one total per direction and medium goes to a supply point, or the tariffs where there is no total", () => {
    for (const { text, json } of samples()) {
      const counted = [...decoded(text).values()].filter(
        ({ register }) => register.kind === "cumulative" && register.carrier !== null,
      );
      const groups = Map.groupBy(
        counted.filter(({ register }) => ["energy", "volume"].includes(register.quantity)),
        ({ register }) => `${register.carrier} ${register.direction}`,
      );
      for (const [group, members] of groups) {
        const whole = members.filter(({ register }) => register.tariff === null);
        const fits = members.length === 1 || whole.length === 0;
        expect([json["meter"], group, fits]).toEqual([json["meter"], group, true]);
      }
    }
  });

  test("units of heat cost allocators stay what they are and go to no supply point", () => {
    const values = samples().flatMap(({ text }) => [...decoded(text).values()]);
    const units = values.filter(({ register }) => register.unit === "hca");
    expect(units.length).toBeGreaterThan(30);
    for (const { register } of units) {
      expect(register.carrier).toBeNull();
      expect(["cost-allocation", "past-cost-allocation"]).toContain(register.quantity);
    }
  });

  test("each telegram is recognised by number and medium", () => {
    for (const { text, json } of samples()) {
      expect(wmbusmeters.recognise?.("t", Buffer.from(text))).toBe([json["id"], json["media"]].join("/"));
    }
  });

  test("the telegrams themselves, which are not decoded, are no readings", () => {
    for (const line of readFileSync(file, "utf8").trim().split("\n").slice(0, 20)) {
      const { telegram } = JSON.parse(line) as { telegram: string };
      const { observations, rejections } = wmbusmeters.decode(Buffer.from(telegram), CONTEXT);
      expect([observations.length, rejections.length]).toEqual([0, 1]);
      expect(wmbusmeters.recognise?.("t", Buffer.from(telegram))).toBeUndefined();
    }
  });
});
