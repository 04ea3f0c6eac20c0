// The load's command line.
import { expect, test } from "vitest";
import { readLoadOptions } from "./load-options.ts";

test("the load that was asked for", () => {
  expect(readLoadOptions(["--meters", "100000", "--rate", "10000", "--duration", "5m"])).toMatchObject({
    target: undefined,
    kind: "senml",
    meters: 100_000,
    connectionsMax: 10_000,
    plan: [{ fromPerS: 10_000, toPerS: 10_000, lastsMs: 300_000 }],
    storms: [],
    search: undefined,
  });
});

test("a ramp comes first; steps stand for themselves; storms come again and again", () => {
  expect(readLoadOptions(["--ramp", "30s"]).plan).toEqual([
    { fromPerS: 0, toPerS: 100, lastsMs: 30_000 },
    { fromPerS: 100, toPerS: 100, lastsMs: 60_000 },
  ]);
  const { plan, storms } = readLoadOptions(["--steps", "100:30s,500:1m", "--storm", "40s", "--jitter", "5s"]);
  expect(plan.map(({ toPerS, lastsMs }) => [toPerS, lastsMs])).toEqual([
    [100, 30_000],
    [500, 60_000],
  ]);
  expect(storms).toEqual([
    { atMs: 40_000, jitterMs: 5000 },
    { atMs: 80_000, jitterMs: 5000 },
  ]);
});

test("every option at fault is named", () => {
  const wrong = ["--meters", "0", "--payload", "xml", "--steps", "a:b", "--rate", "5", "--storm", "soon"];
  expect(() => readLoadOptions(wrong)).toThrow(
    /xml\n--steps says what --rate would\n--meters .*\n--steps: a:b .*\na is not a rate.*\n--storm soon/,
  );
  expect(() => readLoadOptions(["--url", "mqtt://localhost"])).toThrow(
    "--url, --api and --token go together",
  );
});

test("more telegrams than the meters can tell apart are refused", () => {
  expect(() => readLoadOptions(["--payload", "p1", "--meters", "10", "--rate", "11"])).toThrow(
    /at most 1 message/,
  );
  expect(readLoadOptions(["--payload", "p1", "--meters", "10", "--rate", "10"]).kind).toBe("p1");
});
