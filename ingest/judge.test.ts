// The rules by which an observation becomes a reading, or says why not.
import { expect, test } from "vitest";
import type { Observation } from "#devices/reading";
import { DAY_MS, HOUR_MS } from "#devices/time";
import { ClockSource, Flag } from "#devices/vocabulary";
import { DeviceState } from "./device-state.ts";
import { combineRejections, flagsOf, judge } from "./judge.ts";
import { DEFAULT_LIMITS } from "./limits.ts";
import { observation, registerSpec, storedRegister } from "./test-decoder.ts";

const NOW = Date.UTC(2026, 0, 15, 12);

function device(...registers: Parameters<typeof storedRegister>[0][]): DeviceState {
  const state = new DeviceState(7, NOW);
  state.learnRegisters(registers.map((over) => storedRegister(over)));
  return state;
}

const judged = (state: DeviceState, observations: Observation[], limits = DEFAULT_LIMITS, nowMs = NOW) =>
  judge(state, { observations, rejections: [] }, nowMs, limits);
const reasons = (...args: Parameters<typeof judged>) =>
  judged(...args).rejections.map(({ reason }) => reason);

test("a register that is not known is asked for once, and nothing of the message is lost by it", () => {
  const { unknown, rejections } = judged(device(), [observation(), observation({ value: "16" })]);
  expect(unknown.map(({ name }) => name)).toEqual(["1-0:1.8.1"]);
  expect(rejections).toEqual([]);
});

test("the clock that was never set, and the one a day ahead, are refused; a late reading never", () => {
  const at = (observedAtMs: number) => reasons(device({}), [observation({ observedAtMs })]);
  expect(at(0)).toEqual(["time_before_2000"]);
  expect(at(Date.UTC(2000, 0, 1) - 1)).toEqual(["time_before_2000"]);
  expect(at(Number.NaN)).toEqual(["time_before_2000"]);
  expect(at(Date.UTC(2000, 0, 1))).toEqual([]);
  expect(at(NOW + DAY_MS)).toEqual([]);
  expect(at(NOW + DAY_MS + 1)).toEqual(["time_in_future"]);
  expect(at(1e300)).toEqual(["time_in_future"]);
});

test("what is refused for its time neither makes a register nor fixes its unit", () => {
  const joule = registerSpec({ name: "new", unit: "J" });
  const wrong = [
    observation({ register: joule, observedAtMs: undefined }),
    observation({ register: joule, observedAtMs: 0 }),
    observation({ register: joule, observedAtMs: NOW + 2 * DAY_MS }),
  ];
  const { unknown, rejections } = judged(device(), wrong);
  expect(unknown).toEqual([]);
  expect(rejections).toHaveLength(3);
});

test("without a time of its own a counter waits in quarantine and a power takes the broker's time", () => {
  const untimed = observation({ observedAtMs: undefined });
  expect(reasons(device({}), [untimed])).toEqual(["time_missing"]);
  expect(
    reasons(device({ kind: "interval" }), [{ ...untimed, register: registerSpec({ kind: "interval" }) }]),
  ).toEqual(["time_missing"]);
  const power = registerSpec({ name: "power", kind: "instantaneous", quantity: "power", unit: "W" });
  const state = device({ name: "power", kind: "instantaneous", quantity: "power", unit: "W" });
  const { rows } = judged(state, [{ ...untimed, register: power }]);
  expect(rows).toMatchObject([{ observedAtMs: NOW, clock: ClockSource.broker }]);
});

test("a time that is only the broker's is no time of the payload", () => {
  expect(reasons(device({}), [observation({ clock: ClockSource.broker })])).toEqual(["time_missing"]);
});

test("times relative to the arrival keep the values of a message apart, under the broker's clock", () => {
  const power = registerSpec({ name: "power", kind: "instantaneous", quantity: "power", unit: "W" });
  const state = device({ name: "power", kind: "instantaneous", quantity: "power", unit: "W" });
  const ago = (seconds: number) =>
    observation({ register: power, observedAtMs: NOW - seconds * 1000, clock: ClockSource.broker });
  const { rows } = judged(state, [ago(5), ago(4)]);
  expect(rows.map(({ observedAtMs, clock }) => [observedAtMs - NOW, clock])).toEqual([
    [-5000, ClockSource.broker],
    [-4000, ClockSource.broker],
  ]);
  const { rejections } = judged(state, [ago(40 * 365 * 86_400), ago(-2 * 86_400)]);
  expect(rejections.map(({ reason }) => reason)).toEqual(["time_before_2000", "time_in_future"]);
});

test("a unit or a kind other than the register's is refused, and the message names both", () => {
  const wh = observation({ register: registerSpec({ unit: "Wh" }) });
  const { rejections, rows } = judged(device({}), [wh, observation()]);
  expect(rejections.map(({ reason }) => reason)).toEqual(["unit_contradicts_register"]);
  expect(rejections[0]?.detail).toMatch(/Wh.*kWh/);
  expect(rows.length).toBe(1);
  expect(reasons(device({}), [observation({ register: registerSpec({ kind: "instantaneous" }) })])).toEqual([
    "unit_contradicts_register",
  ]);
});

test("names with NUL, half a surrogate pair, nothing or too much in them are refused before the store sees them", () => {
  for (const over of [
    { name: "a\0b" },
    { name: "\ud800" },
    { unit: "k\0Wh" },
    { equipmentId: "\udfff" },
    { name: "" },
    { name: "n".repeat(257) },
    { equipmentId: "e".repeat(97) },
  ]) {
    expect(reasons(device(), [observation({ register: registerSpec(over) })]), JSON.stringify(over)).toEqual([
      "text_invalid",
    ]);
  }
  expect(reasons(device(), [observation({ register: registerSpec({ name: "n".repeat(256) }) })])).toEqual([]);
});

test("the register beyond the bound is refused, those within it are created", () => {
  const limits = { ...DEFAULT_LIMITS, registersPerDeviceMax: 3 };
  const three = ["a", "b", "c"].map((name) => observation({ register: registerSpec({ name }) }));
  const { unknown, rejections } = judged(device({}), three, limits);
  expect(unknown.map(({ name }) => name)).toEqual(["a", "b"]);
  expect(rejections.map(({ reason }) => reason)).toEqual(["too_many_registers"]);
});

test("old days are bounded per hour, and a day already touched costs nothing", () => {
  const limits = { ...DEFAULT_LIMITS, pastDaysPerHourMax: 2 };
  const state = device({});
  const old = (days: number) => observation({ observedAtMs: NOW - days * DAY_MS });
  expect(reasons(state, [old(36), old(37), old(36), old(1)], limits)).toEqual([]);
  expect(reasons(state, [old(38), old(37)], limits)).toEqual(["too_many_past_days"]);
  expect(reasons(state, [old(38)], limits, NOW + HOUR_MS)).toEqual([]);
});

test("flags tell a clock that is ahead, a reading that came late and a retained message", () => {
  const minutes = (n: number) => NOW + n * 60_000;
  expect(flagsOf(minutes(5), NOW, false)).toBe(0);
  expect(flagsOf(minutes(-5), NOW, false)).toBe(0);
  expect(flagsOf(minutes(6), NOW, false)).toBe(Flag.skewed);
  expect(flagsOf(minutes(-6), NOW, true)).toBe(Flag.late | Flag.retained);
});

test("several rejections are one row of quarantine: the first reason and a bounded detail", () => {
  const many = Array.from({ length: 500 }, (_, i) => ({
    reason: "time_missing" as const,
    detail: `Register ${i} has no time.`,
  }));
  const combined = combineRejections(many);
  expect(combined?.reason).toBe("time_missing");
  expect(combined?.detail.length).toBeLessThan(2100);
  expect(combined?.detail).toMatch(/^Register 0 has no time\. Register 1 .* And \d+ more\.$/);
  expect(combineRejections([])).toBeUndefined();
});
