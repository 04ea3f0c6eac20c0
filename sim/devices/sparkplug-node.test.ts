// A node that was asked is born with its next message, and the product that asked understands what follows without asking again.
import { expect, test } from "vitest";
import { decoderFor } from "#devices/profiles/index";
import { DAY_MS, MINUTE_MS } from "#devices/time";
import { createDeviceClock } from "../story/device-clock.ts";
import type { Delivery } from "../story/story.ts";
import { SparkplugNode } from "./sparkplug-node.ts";
import { meterRegister } from "./voice.ts";
import { sparkplugVoice } from "./voices/sparkplug.ts";

const FROM = Date.UTC(2026, 2, 3);
const indexAt = (ms: number) => Math.floor((ms - FROM) / 7000);
const deliveries = [
  ...sparkplugVoice({
    device: "d",
    serial: "0123456789",
    seed: 1,
    timezone: "Europe/Brussels",
    clock: createDeviceClock([]),
    stepMs: MINUTE_MS,
    qos: 0,
    main: meterRegister("s", indexAt, indexAt),
    generationAt: () => 0,
    marksAt: () => [],
  }).deliveries(FROM, FROM + DAY_MS / 2),
];

/** What the product asks for, message by message, and the values that it reads. */
function heard(list: readonly Delivery[], node: SparkplugNode | undefined) {
  const decode = decoderFor("sparkplug-b");
  if (decode === undefined) throw new Error("nobody reads Sparkplug");
  const facts = new Map<string, string>();
  const recent = new Map<string, unknown>();
  const asked: number[] = [];
  const values: string[] = [];
  for (const [place, delivery] of list.entries()) {
    const { topic, payload, leavesAtMs } = node?.spoken(delivery) ?? delivery;
    const context = {
      topic,
      receivedAtMs: leavesAtMs,
      timezone: "UTC",
      expectedIntervalS: 60,
      facts,
      recent,
    };
    const { requests = [], facts: news = [], observations } = decode(payload, context);
    for (const { key, value } of news) facts.set(key, value);
    values.push(...observations.filter(({ register }) => register.unit === "kWh").map(({ value }) => value));
    if (requests.length === 0) continue;
    asked.push(place);
    node?.ask();
  }
  return { asked, values };
}

const without = (...gone: number[]) => deliveries.filter((_, number) => !gone.includes(number));
const told = (list: readonly Delivery[]) => list.flatMap(({ tells }) => tells.map(({ value }) => value));

test("after a message that was lost it is asked once, and not again", () => {
  const node = new SparkplugNode();
  const list = without(10, 500);
  expect(heard(list, node)).toEqual({ asked: [10, 499], values: told(list) });
  expect(node.births).toBe(2);
});

test("a node whose birth was lost cannot be read until it answers", () => {
  const list = without(0);
  const { asked, values } = heard(list, new SparkplugNode());
  expect(asked).toEqual([0]);
  expect(values).toEqual(told(list.slice(1)));
  expect(heard(list, undefined).asked.length).toBeGreaterThan(200);
});

test("what was said before it was born anew keeps its number when it is said again, and damage stays damage", () => {
  const node = new SparkplugNode();
  for (const delivery of deliveries.slice(0, 5)) node.spoken(delivery);
  node.ask();
  const [before, damaged, next, after] = [2, 5, 6, 7].flatMap((number) => deliveries[number] ?? []);
  if (before === undefined || damaged === undefined || next === undefined || after === undefined)
    throw new Error();
  expect(node.spoken(before)).toBe(before);
  const bitten: Delivery = { ...damaged, payload: Buffer.from([0xff]), marks: ["corruption"] };
  expect(node.spoken(bitten)).toBe(bitten);
  expect(node.spoken(next)).toMatchObject({ ...next.numbered?.since(0), introduces: true });
  expect(node.spoken(after)).toMatchObject({ ...after.numbered?.since(1) });
  expect(node.spoken(before)).toBe(before);
});
