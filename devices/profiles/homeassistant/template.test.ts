// Value templates: what they give, and which ones are not read.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decimalOf } from "#devices/decimal";
import { parseJson } from "#devices/json";
import { add, decimalOfExact, divide, exactOf, multiply, round } from "./exact.ts";
import { templateOf, textAt, WHOLE_PAYLOAD } from "./template.ts";

const inputOf = (value: string) => {
  const parsed = parseJson(Buffer.from(value), { depthMax: 10, objectsMax: 100, objectsName: "objects" });
  return { value, json: "value" in parsed ? parsed.value : undefined };
};
const STATE = inputOf(
  JSON.stringify({
    a: { b: 12.5, "c-d": "7.25", list: [1, { x: 2 }], big: 12_345_678 },
    n: null,
    on: true,
    text: "three",
    neg: -3.7,
    half: 2.5,
  }),
);
const rendered = (template: string, input = STATE) => {
  const outcome = templateOf(template)?.render(input);
  return outcome === undefined ? undefined : "number" in outcome ? outcome.number : `text ${outcome.text}`;
};

test.each([
  ["{{ value_json.a.b }}", "12.5"],
  ["{{value_json.a.b}}", "12.5"],
  ["{{- value_json['a']['b'] -}}", "12.5"],
  ['{{ value_json["a"].b }}', "12.5"],
  ["{{ value_json.a['c-d'] }}", "7.25"],
  ["{{ value_json.a.list[0] }}", "1"],
  ["{{ value_json.a.list[1].x }}", "2"],
  ["{{ value_json.a.b | float }}", "12.5"],
  ["{{ value_json.a.b | float(0) | round(0) }}", "12"],
  ["{{ value_json.a.b | float(default=0) * 2 }}", "25"],
  ["{{ float(value_json.a.b) }}", "12.5"],
  ["{{ value_json.neg | int }}", "-3"],
  ["{{ int(value_json.a.b) }}", "12"],
  ["{{ value_json.neg | abs }}", "3.7"],
  ["{{ -value_json.neg }}", "3.7"],
  ["{{ value_json.a.big / 1000 }}", "12345.678"],
  ["{{ value_json.a.big | float / 1000 }}", "12345.678"],
  ["{{ (value_json.a.big | float / 1000) | round(1) }}", "12345.7"],
  ["{{ value_json.a.big * 0.001 }}", "12345.678"],
  ["{{ value_json.a.big | multiply(0.001) | round(2) }}", "12345.68"],
  ["{{ value_json.a.b + 0.1 }}", "12.6"],
  ["{{ value_json.a.b - 0.1 }}", "12.4"],
  ["{{ value_json.a.b | add(-2) }}", "10.5"],
  ["{{ value_json.a.b * 1000 | float }}", "12500"],
  ["{{ 100 - value_json.a.b * 2 }}", "75"],
  ["{{ value_json.a.b / 3 }}", "4.1666666666667"],
  ["{{ value_json.half | round }}", "2"],
  ["{{ value_json.half | round(0, 'ceil') }}", "3"],
  ["{{ value_json.half | round(0, 'floor') }}", "2"],
  ["{{ value_json.a.b | round(1, default=0) }}", "12.5"],
  ["{{ value_json.a.b | is_defined }}", "12.5"],
  ["{{ value_json.a.b if value_json.a.b is defined else 0 }}", "12.5"],
  ["{{value_json['a']['b'] if value_json['a']['b'] is defined else 0}}", "12.5"],
  ["{{ value_json.a.b / 10 if value_json.a is defined and value_json.a.b is not none else 'x' }}", "1.25"],
  ["{{ value_json.get('a').get('c-d', 0) }}", "7.25"],
])("%s is %s", (template, number) => expect(rendered(template)).toBe(number));

test.each([
  ["{{ value_json.missing }}"],
  ["{{ value_json.missing | default(0) }}"],
  ["{{ value_json.missing.deeper | float(0) / 1000 }}"],
  ["{{ value_json.n }}"],
  ["{{ value_json.missing if value_json.missing is defined else 0 }}"],
  ["{{ value_json.get('missing', 0) | float }}"],
  ["{{ value_json.a.list[9] }}"],
  ["{{ value_json['__proto__'] }}"],
  ["{{ value_json.constructor }}"],
])("%s is no value: nobody measured it, whatever stands in for it", (template) => {
  expect(rendered(template)).toBeUndefined();
});

test.each([
  ["{{ value_json.text }}", "text three"],
  ["{{ value_json.text | float(0) }}", "text three"],
  ["{{ value_json.on }}", "text true"],
  ["{{ value_json.a }}", "text a list or an object"],
  ["{{ value_json.a.b / 0 }}", "text out of all bounds"],
])("%s is no number: %s", (template, text) => expect(rendered(template)).toBe(text));

test.each([
  ["{% if value_json.on %}1{% endif %}"],
  ["{{ value_json.a.b if value_json.on else 0 }}"],
  ["{{ value_json.a.b }} kWh"],
  ["{{ states('sensor.x') }}"],
  ["{{ value_json.a.b | timestamp_custom }}"],
  ["{{ value_json.a.b | round(99) }}"],
  ["{{ value_json.a.b | round(1, 'half') }}"],
  ["{{ value_json.a.b | multiply(value) }}"],
  ["{{ value_json.a.b ** 2 }}"],
  ["{{ value_json.a.b % 2 }}"],
  ["{{ value_json.a. }}"],
  ["{{ value_json.a.b[ }}"],
  ["{{ (value_json.a.b }}"],
  ["{{ value[0] }}"],
  ["{{ 5 }}"],
  ["{{ }}"],
  ["value_json.a.b"],
  [`{{ ${"(".repeat(30)}value${")".repeat(30)} }}`],
  [`{{ ${"-".repeat(900)}value }}`],
  [`{{ value${" ".repeat(1000)} }}`],
])("%s is not read", (template) => expect(templateOf(template)).toBeUndefined());

test.each([
  ["12.50", "12.50"],
  [" 7 ", "7"],
  ["1e3", "1000"],
  ["unavailable", undefined],
  ["unknown", undefined],
  ["None", undefined],
  ["nan", undefined],
  ["", undefined],
])("a payload of %j without template is %j", (value, number) => {
  const outcome = WHOLE_PAYLOAD.render({ value, json: undefined });
  expect(outcome).toEqual(number === undefined ? undefined : { number });
});

test("a payload is its own value, and a number of JSON too", () => {
  expect(rendered("{{ value | float / 10 }}", inputOf("125"))).toBe("12.5");
  expect(rendered("{{ value_json }}", inputOf("125"))).toBe("125");
});

test("an instant is read as a text", () => {
  const input = inputOf('{"a":{"since":"2026-01-01T00:00:00Z"},"n":1}');
  expect(textAt("{{ value_json.a.since }}", input)).toBe("2026-01-01T00:00:00Z");
  expect(textAt("{{ value_json['a']['since'] }}", input)).toBe("2026-01-01T00:00:00Z");
  expect(textAt("{{ value }}", inputOf("2026"))).toBe("2026");
  for (const template of [
    "{{ value_json.n }}",
    "{{ value_json.b }}",
    "{{ now() }}",
    "x",
    "{{ value_json.a | x }}",
  ])
    expect(textAt(template, input)).toBeUndefined();
});

describe("arithmetic", () => {
  const milli = fc.integer({ min: -1e9, max: 1e9 });
  const decimal = (value: number) => exactOf(decimalOf((value / 1000).toFixed(3)) ?? "0");
  const text = (value: ReturnType<typeof multiply>) =>
    Number(value === undefined ? "NaN" : decimalOfExact(value));

  test("sums and products are those of whole numbers", () => {
    fc.assert(
      fc.property(milli, milli, (a, b) => {
        expect(Math.round(text(add(decimal(a), decimal(b))) * 1000)).toBe(a + b);
        const product = multiply(decimal(a), decimal(b));
        const shown = product === undefined ? "" : (decimalOfExact(product) ?? "");
        const expected = decimalOfExact({ mantissa: BigInt(a) * BigInt(b), scale: 6 }) ?? "";
        expect(Number(shown)).toBe(Number(expected));
      }),
    );
  });

  test("a quotient is as near as twelve digits more allow", () => {
    fc.assert(
      fc.property(
        milli,
        milli.filter((value) => value !== 0),
        (a, b) => {
          const quotient = text(divide(decimal(a), decimal(b)));
          expect(Math.abs(quotient - a / b)).toBeLessThanOrEqual(1e-11 + Math.abs(a / b) * 1e-14);
        },
      ),
    );
  });

  test("rounding is at most half a unit away, downwards and upwards at most one", () => {
    fc.assert(
      fc.property(milli, fc.integer({ min: 0, max: 3 }), (a, digits) => {
        const unit = 10 ** (3 - digits);
        const of = (method: "common" | "floor" | "ceil") =>
          Math.round(text(round(decimal(a), digits, method)) * 1000) - a;
        expect(Math.abs(of("common"))).toBeLessThanOrEqual(unit / 2);
        expect(of("floor")).toBeLessThanOrEqual(0);
        expect(of("floor")).toBeGreaterThan(-unit);
        expect(of("ceil")).toBeGreaterThanOrEqual(0);
        expect(of("ceil")).toBeLessThan(unit);
      }),
    );
  });
});
