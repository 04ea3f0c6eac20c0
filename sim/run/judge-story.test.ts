// The verdict on a story adds up its series, knows whose energy it is, and shows the messages behind what differs.
import { expect, test } from "vitest";
import { MINUTE_MS, QUARTER_MS } from "#devices/time";
import type { Delivery, Series, Story, StoryDevice } from "../story/story.ts";
import { judgeReadings, type ReadingVerdict } from "./judge-readings.ts";
import { addVerdicts, isRightStory, judgeStory, NOTHING_JUDGED } from "./judge-story.ts";
import { readableReadings } from "./readable.ts";
import { toldTimes } from "./told-times.ts";

const FROM = Date.UTC(2026, 0, 1);
const TO = FROM + 4 * QUARTER_MS;
const seriesOf = (key: string, whEverySecond: number): Series => ({
  key,
  supplyPoint: key,
  carrier: "electricity",
  direction: "import",
  indexAt: (ms) => (Math.max(0, ms - FROM) / 1000) * whEverySecond,
  datedWithinMs: 0,
  onChange: false,
});
const own = seriesOf("own", 1);
const other = seriesOf("other", 3);
const device: StoryDevice = {
  key: "d",
  name: "d",
  profile: "senml",
  expectedIntervalS: 60,
  supplyPoints: {},
};
const deliveryAt = (series: Series, atMs: number): Delivery => ({
  device: "d",
  topic: "t",
  payload: Buffer.alloc(0),
  qos: 1,
  retain: false,
  dup: false,
  leavesAtMs: atMs,
  tells: [{ series: series.key, observedAtMs: atMs, register: "r", value: `${series.indexAt(atMs)}.0` }],
  marks: ["duplicates"],
});
const sent = [own, other].flatMap((series) =>
  Array.from({ length: 61 }, (_, minute) => deliveryAt(series, FROM + minute * MINUTE_MS)),
);
const story: Story = {
  fromMs: FROM,
  toMs: TO,
  devices: [device],
  series: new Map([own, other].map((one) => [one.key, one])),
  voices: new Map(),
  mishaps: [],
  deliveries: () => sent,
};
const load = (values: readonly number[]) =>
  values.map((value, at) => ({
    from: new Date(FROM + at * QUARTER_MS).toISOString(),
    value,
    quality: { measured: 1, estimated: 0, missing: 0 },
  }));
const answers = (ownLoad: readonly number[]) => ({
  acknowledged: sent,
  sent,
  loads: new Map([
    ["own", load(ownLoad)],
    ["other", load([2700, 2700, 2700, 2700])],
  ]),
});

test("everything right is eight exact quarter-hours", () => {
  const verdict = judgeStory(story, answers([900, 900, 900, 900]));
  expect(verdict).toEqual({ ...NOTHING_JUDGED, quarters: { ...NOTHING_JUDGED.quarters, exact: 8 } });
  expect(isRightStory(verdict)).toBe(true);
});

test("a quarter-hour that differs is shown with its messages", () => {
  const verdict = judgeStory(story, answers([900, 905, 900, 900]));
  expect(verdict).toMatchObject({ energyErrorWh: 5, wronglyAttributed: 0, quarters: { wrong: 1, exact: 7 } });
  const [difference] = verdict.differences;
  expect(difference).toMatchObject({
    series: "own",
    from: "2026-01-01T00:15:00.000Z",
    truth: 900,
    value: 905,
  });
  expect(difference?.history).toHaveLength(16);
  expect(difference?.history[2]).toEqual({
    leavesAt: "2026-01-01T00:15:00.000Z",
    observedAt: "2026-01-01T00:15:00.000Z",
    register: "r",
    value: "900.0",
    acknowledged: true,
    marks: ["duplicates"],
  });
  expect(isRightStory(verdict)).toBe(false);
});

test.each([2700, 3600])(
  "the energy of another supply point, in its place or added, is attributed wrongly: %i",
  (value) => {
    const verdict = judgeStory(story, answers([900, value, 900, 900]));
    expect(verdict).toMatchObject({ wronglyAttributed: 1, quarters: { wrong: 1 } });
  },
);

test("a quarter-hour that is not answered, or answered twice, is not right", () => {
  const { loads, ...rest } = answers([900, 900, 900, 900]);
  const own = loads.get("own") ?? [];
  for (const [points, unanswered] of [
    [own.slice(1), 1],
    [[], 4],
    [[...own, ...own.slice(3)], 1],
  ] as const) {
    const verdict = judgeStory(story, { ...rest, loads: new Map([...loads, ["own", points]]) });
    expect(verdict.unanswered).toBe(unanswered);
    expect(isRightStory(verdict)).toBe(false);
  }
});

test("of a story that begins between two quarter-hours, the whole ones are answered", () => {
  const { loads, ...rest } = answers([900, 900, 900, 900]);
  const whole = new Map([...loads].map(([key, points]) => [key, points.slice(1)]));
  const from = (minute: number, toMs: number) =>
    judgeStory({ ...story, fromMs: FROM + minute * MINUTE_MS, toMs }, { ...rest, loads: whole }).unanswered;
  expect(from(2, TO + MINUTE_MS)).toBe(0);
  expect(from(0, TO)).toBe(2);
  expect(from(46, TO - MINUTE_MS)).toBe(0);
});

test("verdicts add up", () => {
  const wrong = judgeStory(story, answers([900, 905, 900, 900]));
  const sum = addVerdicts([wrong, judgeStory(story, answers([900, 900, 900, 900])), wrong]);
  expect(sum).toMatchObject({ energyErrorWh: 10, quarters: { wrong: 2, exact: 22 } });
  expect(sum.differences).toHaveLength(2);
});

test("a series is told where all its registers are", () => {
  const parts = ["day", "night"].map((register, at) => ({
    ...deliveryAt(own, FROM),
    tells: [0, 1, 2]
      .slice(at)
      .map((minute) => ({ series: "own", observedAtMs: FROM + minute * MINUTE_MS, register, value: "1" })),
  }));
  expect(toldTimes(parts).get("own")).toEqual([FROM + MINUTE_MS, FROM + 2 * MINUTE_MS]);
});

const readingsAt = (...minutes: number[]) =>
  minutes.map((minute) => ({
    observedAt: new Date(FROM + minute * MINUTE_MS).toISOString(),
    value: String(minute * 60),
  }));
const whole = readingsAt(...Array.from({ length: 61 }, (_, minute) => minute));
const tally = (readings: typeof whole, more: Partial<Parameters<typeof judgeReadings>[0]> = {}) =>
  countsOf(judge(readings, more));
const judge = (readings: typeof whole, more: Partial<Parameters<typeof judgeReadings>[0]> = {}) =>
  judgeReadings({ device, series: own, register: "r", acknowledged: sent, sent, readings, ...more });
const countsOf = ({ lost, doubled, altered }: ReadingVerdict) => ({ lost, doubled, altered });

test("readings: each once is right; lost, doubled and altered are counted", () => {
  expect(tally(whole)).toEqual({ lost: 0, doubled: 0, altered: 0 });
  expect(tally(whole.slice(1))).toEqual({ lost: 1, doubled: 0, altered: 0 });
  expect(tally([...whole, ...readingsAt(7)])).toEqual({ lost: 0, doubled: 1, altered: 0 });
  const [first, ...rest] = whole;
  expect(tally([{ observedAt: first?.observedAt ?? "", value: "1" }, ...rest])).toEqual({
    lost: 1,
    doubled: 0,
    altered: 1,
  });
});

test("what was sent without an acknowledgement may be there or not", () => {
  const acknowledged = sent.filter(({ leavesAtMs }) => leavesAtMs !== FROM + 7 * MINUTE_MS);
  const without = whole.filter((_, minute) => minute !== 7);
  expect(tally(whole, { acknowledged })).toEqual({ lost: 0, doubled: 0, altered: 0 });
  expect(tally(without, { acknowledged })).toEqual({ lost: 0, doubled: 0, altered: 0 });
});

test("of two values of one minute, as a clock tells that was put back, one must be there", () => {
  const again = {
    ...deliveryAt(own, FROM + 7 * MINUTE_MS),
    tells: [{ series: "own", observedAtMs: FROM + 7 * MINUTE_MS, register: "r", value: "411" }],
  };
  const both = [...sent, again];
  const of = (readings: typeof whole) => tally(readings, { acknowledged: both, sent: both });
  expect(of(whole)).toEqual({ lost: 0, doubled: 0, altered: 0 });
  expect(of(whole.filter((_, minute) => minute !== 7))).toEqual({ lost: 1, doubled: 0, altered: 0 });
});

test("of what comes more often than once a minute, boundaries alone must be kept", () => {
  const often = { ...device, expectedIntervalS: 10 };
  expect(tally(readingsAt(0, 15, 30, 45, 60), { device: often })).toEqual({
    lost: 0,
    doubled: 0,
    altered: 0,
  });
  expect(tally(readingsAt(0, 30, 45, 60), { device: often })).toEqual({ lost: 1, doubled: 0, altered: 0 });
});

test("what is lost, doubled or altered is shown with the messages around it, damaged ones among them", () => {
  const at = (minute: number) => new Date(FROM + minute * MINUTE_MS).toISOString();
  const damaged: Delivery = { ...deliveryAt(own, FROM + 8 * MINUTE_MS), tells: [], marks: ["corruption"] };
  const altered = { observedAt: at(7), value: "1" };
  const readings = [...whole.filter((_, minute) => minute !== 7), ...readingsAt(30), altered];
  const { findings } = judge(readings, { sent: [...sent, damaged] });
  const lines = readableReadings(findings);
  for (const kind of ["lost: r = 420", "altered: r = 1"] as const) {
    const place = lines.indexOf(`${kind} of ${at(7)}`);
    expect(lines.slice(place + 1, place + 7)).toEqual([
      ...[5, 6, 7, 8, 9].map(
        (minute) => `  ${at(minute)} acknowledged r = ${60 * minute}.0 of ${at(minute)} (duplicates)`,
      ),
      `  ${at(8)} without answer nothing that can be read (corruption)`,
    ]);
  }
  expect(lines).toContain(`doubled: r = 1800 of ${at(30)}`);
});
