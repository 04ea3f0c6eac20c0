// What is said without a time: some of the new values of each quarter-hour are there, or they are lost. And what QoS 0 may lose.
import { expect, test } from "vitest";
import { MINUTE_MS, QUARTER_MS, SECOND_MS } from "#devices/time";
import type { Delivery, Series, StoryDevice } from "../story/story.ts";
import { judgeReadings, type RegisterEvidence } from "./judge-readings.ts";
import { addUnconfirmed, judgeUnconfirmed } from "./judge-unconfirmed.ts";
import { readableUnheard } from "./readable.ts";

const FROM = Date.UTC(2026, 0, 1);
const series: Series = {
  key: "s",
  supplyPoint: "s",
  carrier: "electricity",
  direction: "import",
  indexAt: () => 0,
  datedWithinMs: 10 * SECOND_MS,
  onChange: true,
};
const device: StoryDevice = {
  key: "d",
  name: "d",
  profile: "zigbee2mqtt",
  expectedIntervalS: 60,
  supplyPoints: {},
};
const saidAt = (minute: number, value: number): Delivery => ({
  device: "d",
  topic: "t",
  payload: Buffer.alloc(0),
  qos: 1,
  retain: false,
  dup: false,
  leavesAtMs: FROM + minute * MINUTE_MS,
  tells: [{ series: "s", observedAtMs: FROM + minute * MINUTE_MS, register: "r", value: `${value}.0` }],
  marks: [],
});
/** A new value each minute of an hour. */
const sent = Array.from({ length: 60 }, (_, minute) => saidAt(minute, minute));
const keptAt = (minute: number, value = minute, laterMs = 80) => ({
  observedAt: new Date(FROM + minute * MINUTE_MS + laterMs).toISOString(),
  value: String(value),
});
const everyOne = sent.map((_, minute) => keptAt(minute));
const evidence = (more: Partial<RegisterEvidence>): RegisterEvidence => ({
  device,
  series,
  register: "r",
  acknowledged: sent,
  sent,
  readings: everyOne,
  ...more,
});
const lost = (more: Partial<RegisterEvidence>) => judgeReadings(evidence(more)).lost;

test("of the new values of a quarter-hour one must be there: of none, all are lost", () => {
  expect(lost({})).toBe(0);
  expect(lost({ readings: [3, 15, 44, 59].map((minute) => keptAt(minute)) })).toBe(0);
  expect(lost({ readings: [3, 44, 59].map((minute) => keptAt(minute)) })).toBe(15);
  expect(lost({ readings: [] })).toBe(60);
  const { findings } = judgeReadings(evidence({ readings: [] }));
  expect(findings[0]).toMatchObject({
    kind: "lost",
    register: "r",
    observedAt: new Date(FROM).toISOString(),
  });
});

test("what arrives in the next quarter-hour counts for the one in which it was said, as long as it may be under way", () => {
  const atTheEnd = saidAt(QUARTER_MS / MINUTE_MS - 1 / MINUTE_MS, 14);
  const only = { acknowledged: [atTheEnd], sent: [atTheEnd] };
  expect(lost({ ...only, readings: [keptAt(15, 14, 10 * SECOND_MS - 1)] })).toBe(0);
  expect(lost({ ...only, readings: [keptAt(15, 14, 10 * SECOND_MS)] })).toBe(1);
});

test("a repeat need not be there, neither of what was acknowledged nor of what may be there without", () => {
  const resting = [saidAt(0, 7), saidAt(20, 7), saidAt(40, 7)];
  const first = [keptAt(0, 7)];
  expect(lost({ acknowledged: resting, sent: resting, readings: first })).toBe(0);
  const unanswered = [saidAt(0, 7), saidAt(10, 8), saidAt(20, 8), saidAt(40, 7)];
  const acknowledged = [saidAt(0, 7), saidAt(20, 8)];
  expect(lost({ acknowledged, sent: unanswered, readings: first })).toBe(0);
  expect(lost({ acknowledged: unanswered, sent: unanswered, readings: first })).toBe(1);
});

test("what was not acknowledged need not be there", () => {
  const acknowledged = sent.slice(0, 30);
  expect(lost({ acknowledged, readings: everyOne.slice(0, 30) })).toBe(0);
  expect(lost({ acknowledged, readings: everyOne.slice(0, 15) })).toBe(15);
});

/** With a time of its own, each minute. */
const timed: Partial<RegisterEvidence> = {
  series: { ...series, datedWithinMs: 0, onChange: false },
};
const of = (readings: readonly ReturnType<typeof keptAt>[], isStruck: boolean) =>
  judgeUnconfirmed([evidence({ ...timed, readings })], isStruck);
const timely = sent.map((_, minute) => keptAt(minute, minute, 0));
const NONE = { unarrived: 0, unheard: [] };

test("where no connection was lost, all that was sent with QoS 0 is there", () => {
  expect(of(timely, false)).toEqual(NONE);
  const short = of(timely.slice(1), false);
  expect(short.unarrived).toBe(1);
  expect(readableUnheard(short.unheard)).toEqual([
    `sent with QoS 0 and not there: d: 1 of 60 readings, the first r = 0 of ${new Date(FROM).toISOString()}`,
  ]);
});

test("half of a message is not a message that arrived", () => {
  const registers = ["r", "q"].map((register) => {
    const both = sent.map((one) => ({
      ...one,
      tells: one.tells.flatMap((told) => ["r", "q"].map((name) => ({ ...told, register: name }))),
    }));
    return evidence({
      ...timed,
      register,
      acknowledged: both,
      sent: both,
      readings: register === "r" ? timely : [],
    });
  });
  expect(judgeUnconfirmed(registers, false).unarrived).toBe(60);
});

test("where connections were lost, half of what a device said is enough, and of one that said little nothing", () => {
  const much = Array.from({ length: 100 }, (_, minute) => saidAt(minute, minute));
  const heard = (count: number) => {
    const readings = much.slice(0, count).map((_, minute) => keptAt(minute, minute, 0));
    return judgeUnconfirmed([evidence({ ...timed, acknowledged: much, sent: much, readings })], true);
  };
  expect(heard(50)).toEqual(NONE);
  expect(heard(49).unarrived).toBe(51);
  expect(of([], true)).toEqual(NONE);
  const none = heard(0);
  expect(addUnconfirmed([heard(100), none, none])).toEqual({
    unarrived: 200,
    unheard: [...none.unheard, ...none.unheard],
  });
});
