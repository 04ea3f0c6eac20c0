// Every voice is understood by the product as it says: what its decoder reads is what the voice tells, value by value.
import { expect, test } from "vitest";
import { decoderFor } from "#devices/profiles/index";
import { playMessages } from "#devices/profiles/play-messages";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "#devices/time";
import { createDeviceClock } from "../../story/device-clock.ts";
import { createMeterFace } from "../../story/meter-face.ts";
import type { Delivery } from "../../story/story.ts";
import { meterRegister, type VoiceInput } from "../voice.ts";
import { ONE_REGISTER_FAMILIES, type OneRegisterFamily } from "./index.ts";

const FROM = Date.UTC(2026, 2, 3);
/** A watt-hour every 7 s: no two messages have the same. */
const indexAt = (ms: number) => 1_234_567 + Math.floor((ms - FROM + DAY_MS) / 7000);
const fedInAt = (ms: number) => Math.floor(indexAt(ms) / 3);
const face = createMeterFace([
  { kind: "swap", fromMs: FROM + 13 * HOUR_MS, toMs: FROM + 13 * HOUR_MS, opening: 7 },
]);

function inputOf(stepMs: number, main = meterRegister("s", indexAt, indexAt)): VoiceInput {
  return {
    device: "d",
    serial: "0123456789",
    seed: 1,
    timezone: "Europe/Brussels",
    clock: createDeviceClock([]),
    stepMs,
    qos: 1,
    main,
    fedIn: meterRegister("fed in", fedInAt, fedInAt),
    generationAt: face.generationAt,
    marksAt: () => [],
  };
}

/** What the decoder makes of it: indices that go to a supply point, as tellings are written. */
function decoded(profile: string, deliveries: readonly Delivery[], receivedAtMs: (one: Delivery) => number) {
  const decode = decoderFor(profile);
  if (decode === undefined) throw new Error(`nobody reads ${profile}`);
  const context = { receivedAtMs: 0, timezone: "Europe/Brussels", expectedIntervalS: 60 };
  const rejected: string[] = [];
  let at = 0;
  const answers = playMessages(
    (payload, { topic, facts, recent }) => {
      const delivery = deliveries[at++];
      if (delivery === undefined) throw new Error("more messages than deliveries");
      const about = { ...context, topic, receivedAtMs: receivedAtMs(delivery) };
      return decode(payload, {
        ...about,
        ...(facts === undefined ? {} : { facts }),
        ...(recent === undefined ? {} : { recent }),
      });
    },
    deliveries,
    context,
  );
  const told = answers.flatMap(({ observations, rejections }, place) => {
    rejected.push(...rejections.map(({ detail }) => detail));
    return observations
      .filter(({ register: { kind, carrier } }) => kind === "cumulative" && carrier !== null)
      .map(({ register, value, observedAtMs }) => ({
        register: register.name,
        value,
        observedAtMs: observedAtMs ?? deliveries[place]?.leavesAtMs,
      }));
  });
  return { told, rejected };
}

const voices = Object.entries<OneRegisterFamily>(ONE_REGISTER_FAMILIES).flatMap(([name, family]) =>
  family.carriers.map((carrier) => ({ name, family, carrier })),
);

test.each(voices)("$name tells $carrier as its decoder reads it", ({ family, carrier }) => {
  const voice = family.voice(inputOf(family.stepMs), carrier);
  const deliveries = [...voice.deliveries(FROM, FROM + DAY_MS)];
  const { told, rejected } = decoded(family.profile, deliveries, ({ leavesAtMs }) => leavesAtMs);
  expect(rejected).toEqual([]);
  expect(deliveries.length).toBeGreaterThan(1);
  expect(told.length).toBeGreaterThanOrEqual(24);
  expect(told).toEqual(
    deliveries.flatMap(({ tells }) =>
      tells.map(({ register, value, observedAtMs }) => ({ register, value, observedAtMs })),
    ),
  );
});

test.each(["linky-standard", "chain2-sinapsi"] as const)(
  "%s tells what is fed in beside what comes in",
  (name) => {
    const { voice, stepMs }: OneRegisterFamily = ONE_REGISTER_FAMILIES[name];
    const [first] = voice(inputOf(stepMs), "electricity").deliveries(FROM, FROM + DAY_MS);
    expect(first?.tells.map(({ series, value }) => [series, value])).toEqual([
      ["s", String(indexAt(FROM))],
      ["fed in", String(fedInAt(FROM))],
    ]);
  },
);

test.each(voices)(
  "$name says nothing twice and leaves in order, whatever span is asked for",
  ({ family, carrier }) => {
    const voice = family.voice(inputOf(family.stepMs), carrier);
    const whole = [...voice.deliveries(FROM, FROM + DAY_MS)].flatMap(({ tells }) => tells);
    const halves = [
      ...voice.deliveries(FROM, FROM + DAY_MS / 2),
      ...voice.deliveries(FROM + DAY_MS / 2, FROM + DAY_MS),
    ];
    expect(halves.flatMap(({ tells }) => tells)).toEqual(whole);
    const times = halves.map(({ leavesAtMs }) => leavesAtMs);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  },
);

test("a wrong clock tells true indices under wrong instants", () => {
  const fault = {
    kind: "skew" as const,
    fromMs: FROM + HOUR_MS,
    toMs: FROM + 2 * HOUR_MS,
    shiftMs: 7 * MINUTE_MS,
  };
  const clock = createDeviceClock([fault]);
  const voice = ONE_REGISTER_FAMILIES.senml.voice({ ...inputOf(MINUTE_MS), clock }, "electricity");
  for (const { tells, leavesAtMs } of voice.deliveries(FROM, FROM + 3 * HOUR_MS)) {
    const ahead = leavesAtMs >= fault.fromMs && leavesAtMs < fault.toMs ? fault.shiftMs : 0;
    const value = (indexAt(leavesAtMs) / 1000).toFixed(3);
    expect(tells).toMatchObject([{ observedAtMs: leavesAtMs + ahead, value }]);
  }
});
