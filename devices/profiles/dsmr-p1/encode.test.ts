// What the encoder writes, the decoder reads back: values, times, meters.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { DecodeContext } from "#devices/reading";
import { decodeP1 } from "./decode.ts";
import { encodeTelegram, type TelegramFields } from "./index.ts";

const CONTEXT: DecodeContext = { topic: "t", receivedAtMs: 0, timezone: "UTC", expectedIntervalS: null };

const instant = fc
  .integer({ min: Date.UTC(2010, 0, 1) / 1000, max: Date.UTC(2060, 0, 1) / 1000 })
  .map((seconds) => seconds * 1000);
const wh = fc.integer({ min: 0, max: 999_999_999 });
const watt = fc.integer({ min: 0, max: 99_999 });
const meterId = fc.stringMatching(/^[1-9][A-Z]{3}[0-9]{10}$/);
const peak = fc.record({ atMs: instant, powerW: fc.integer({ min: 1, max: 99_999 }) });
const phase = fc.record({
  importW: watt,
  exportW: watt,
  voltageDeciV: fc.integer({ min: 2000, max: 2600 }),
  currentCentiA: fc.integer({ min: 0, max: 9999 }),
});
const fields: fc.Arbitrary<TelegramFields> = fc.record({
  meterId,
  observedAtMs: instant,
  importWh: fc.tuple(wh, wh),
  exportWh: fc.tuple(wh, wh),
  tariff: fc.constantFrom(1 as const, 2 as const),
  importW: watt,
  exportW: watt,
  demandW: watt,
  monthPeak: peak,
  peakHistory: fc.array(
    fc.record({ closedAtMs: instant, atMs: instant, powerW: fc.integer({ min: 1, max: 99_999 }) }),
    { maxLength: 13 },
  ),
  phases: fc.array(phase, { maxLength: 3 }),
  mbus: fc.array(
    fc.record({
      carrier: fc.constantFrom("gas" as const, "heat" as const, "water" as const),
      meterId,
      observedAtMs: instant,
      index: fc.integer({ min: 0, max: 99_999_999 }),
    }),
    { maxLength: 4 },
  ),
});

/** Name, meter, thousandths, instant: enough to compare both ways. */
type Fact = readonly [name: string, meter: string, thousandths: number, atMs: number | undefined];

function expectedFacts(f: TelegramFields): Fact[] {
  const main = (name: string, thousandths: number, atMs = f.observedAtMs): Fact => [
    name,
    f.meterId,
    thousandths,
    atMs,
  ];
  return [
    main("1-0:1.8.1", f.importWh[0]),
    main("1-0:1.8.2", f.importWh[1]),
    main("1-0:2.8.1", f.exportWh[0]),
    main("1-0:2.8.2", f.exportWh[1]),
    main("0-0:96.14.0", f.tariff * 1000),
    main("1-0:1.4.0", f.demandW),
    main("1-0:1.6.0", f.monthPeak.powerW, f.monthPeak.atMs),
    ...(f.peakHistory ?? []).map((month) => main("0-0:98.1.0", month.powerW, month.atMs)),
    main("1-0:1.7.0", f.importW),
    main("1-0:2.7.0", f.exportW),
    ...(f.phases ?? []).flatMap((one, index) => [
      main(`1-0:${21 + 20 * index}.7.0`, one.importW),
      main(`1-0:${22 + 20 * index}.7.0`, one.exportW),
      main(`1-0:${32 + 20 * index}.7.0`, one.voltageDeciV * 100),
      main(`1-0:${31 + 20 * index}.7.0`, one.currentCentiA * 10),
    ]),
    ...(f.mbus ?? []).map((meter, index): Fact => [
      `0-${index + 1}:24.2.${meter.carrier === "gas" ? 3 : 1}`,
      meter.meterId,
      meter.index,
      meter.observedAtMs,
    ]),
  ];
}

test("every field comes back exactly", () => {
  fc.assert(
    fc.property(fields, (f) => {
      const { observations, rejections } = decodeP1(encodeTelegram(f), CONTEXT);
      expect(rejections).toEqual([]);
      const facts = observations.map(({ register, value, observedAtMs }): Fact => [
        register.name,
        register.equipmentId,
        Math.round(Number(value) * 1000),
        observedAtMs,
      ]);
      expect(facts).toEqual(expectedFacts(f));
    }),
  );
});

test("carriers come back as they were asked for", () => {
  fc.assert(
    fc.property(fields, (f) => {
      const { observations } = decodeP1(encodeTelegram(f), CONTEXT);
      const channels = observations.filter(({ register }) => register.name.includes(":24.2."));
      expect(channels.map(({ register }) => register.carrier)).toEqual(
        (f.mbus ?? []).map(({ carrier }) => carrier),
      );
    }),
  );
});
