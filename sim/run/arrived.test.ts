// What was sent with QoS 0 arrived where all its readings are there, under the instant that it told or the one at which it came.
import { expect, test } from "vitest";
import type { Delivery, Series } from "../story/story.ts";
import { arrivedOf } from "./arrived.ts";

const FROM = Date.UTC(2026, 0, 1);
const seriesOf = (key: string, datedWithinMs: number): Series => ({
  key,
  supplyPoint: key,
  carrier: "electricity",
  direction: "import",
  indexAt: () => 0,
  datedWithinMs,
  onChange: false,
});
const series = new Map([seriesOf("timed", 0), seriesOf("dated", 10_000)].map((one) => [one.key, one]));
const sentAt = (key: string, qos: 0 | 1, ...values: string[]): Delivery => ({
  device: key,
  topic: "t",
  payload: Buffer.alloc(0),
  qos,
  retain: false,
  dup: false,
  leavesAtMs: FROM,
  tells: values.map((value, at) => ({ series: key, observedAtMs: FROM, register: `r${at}`, value })),
  marks: [],
});
const answered = (device: string, ...list: (readonly [register: string, value: string, laterMs: number])[]) =>
  new Map([
    [
      device,
      new Map(
        [...Map.groupBy(list, ([register]) => register)].map(([register, own]) => [
          register,
          own.map(([, value, laterMs]) => ({ observedAt: new Date(FROM + laterMs).toISOString(), value })),
        ]),
      ),
    ],
  ]);

test("all of its readings, as they were told", () => {
  const both = sentAt("timed", 0, "1.50", "2");
  const arrived = (...list: Parameters<typeof answered>[1][]) =>
    arrivedOf([both], series, answered("timed", ...list));
  expect(arrived(["r0", "1.5", 0], ["r1", "2", 0])).toEqual([both]);
  expect(arrived(["r0", "1.5", 0])).toEqual([]);
  expect(arrived(["r0", "1.6", 0], ["r1", "2", 0])).toEqual([]);
  expect(arrived(["r0", "1.5", 1], ["r1", "2", 0])).toEqual([]);
});

test("what bears no time may be dated by its arrival", () => {
  const one = sentAt("dated", 0, "7");
  expect(arrivedOf([one], series, answered("dated", ["r0", "7", 10_000]))).toEqual([one]);
  expect(arrivedOf([one], series, answered("dated", ["r0", "7", 10_001]))).toEqual([]);
  expect(arrivedOf([one], series, answered("dated", ["r0", "7", -1]))).toEqual([]);
});

test("nothing that is acknowledged, or tells nothing", () => {
  const list = [sentAt("timed", 1, "1"), sentAt("timed", 0)];
  expect(arrivedOf(list, series, answered("timed", ["r0", "1", 0]))).toEqual([]);
});
