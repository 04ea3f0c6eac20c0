// The file of history says what the world knows, and follows on without a seam to what the meters tell later.
import { expect, test } from "vitest";
import { DAY_MS, HOUR_MS, QUARTER_MS } from "#devices/time";
import { DEMO_SITES } from "./demo-sites.ts";
import { withFaultyHistory } from "./faulty-history.ts";
import { historyFile, type HistoryPoint } from "./history-file.ts";
import { createSite } from "./site.ts";

const FROM_MS = Date.UTC(2025, 9, 25);
const TO_MS = Date.UTC(2025, 9, 28);
const siteFrom = (firstMs: number) => {
  const [plan] = DEMO_SITES;
  if (plan === undefined) throw new Error("the demo has no building");
  return createSite(plan, { seed: 7, firstDay: firstMs / DAY_MS, contractStart: "2025-01-01" });
};
const pointOf = (site: ReturnType<typeof siteFrom>, key: string) => {
  const found = site.supplyPoints.find((point) => point.key === key);
  if (found === undefined) throw new Error(`no supply point ${key}`);
  return found;
};

test("every interval follows on the one before, and their energies add up to the difference of the index", () => {
  const point = pointOf(siteFrom(FROM_MS), "electricity");
  const text = [...historyFile([{ point, everyMs: QUARTER_MS }], { fromMs: FROM_MS, toMs: TO_MS })].join("");
  const [header, ...lines] = text.trimEnd().split("\n");
  expect(header).toBe("code,from,to,energyWh,status");
  expect(lines).toHaveLength((TO_MS - FROM_MS) / QUARTER_MS);
  let at = FROM_MS;
  let sum = 0;
  for (const [code, from, to, energyWh, status] of lines.map((line) => line.split(","))) {
    expect([code, status]).toEqual([point.code, "validated"]);
    expect(Date.parse(from ?? "")).toBe(at);
    at = Date.parse(to ?? "");
    sum += Number(energyWh);
  }
  expect(at).toBe(TO_MS);
  expect(sum).toBe(point.indexAt("import", TO_MS) - point.indexAt("import", FROM_MS));
});

test("a meter put in later counts the same energies, so that file and telegrams tell one story", () => {
  for (const key of ["electricity", "gas", "dwelling 0"]) {
    const early = pointOf(siteFrom(FROM_MS - 30 * DAY_MS), key);
    const late = pointOf(siteFrom(FROM_MS), key);
    for (let at = FROM_MS; at < TO_MS; at += HOUR_MS) {
      const used = (point: typeof early) =>
        point.indexAt("import", at + HOUR_MS) - point.indexAt("import", at);
      expect(used(early)).toBe(used(late));
    }
  }
});

test("water has no code and stays out of the file", () => {
  const point = pointOf(siteFrom(FROM_MS), "water");
  expect([...historyFile([{ point, everyMs: HOUR_MS }], { fromMs: FROM_MS, toMs: TO_MS })]).toHaveLength(1);
});

test("a faulty file lacks days and says a thousandth of a day, and is the truth elsewhere", () => {
  const span = { fromMs: Date.UTC(2025, 4, 1), toMs: TO_MS };
  const told = { point: pointOf(siteFrom(span.fromMs), "electricity"), everyMs: QUARTER_MS };
  const read = (point: HistoryPoint) => {
    const [, ...lines] = [...historyFile([point], span)].join("").trimEnd().split("\n");
    return new Map(lines.map((line) => line.split(",")).map(([, from = "", , wh]) => [from, Number(wh)]));
  };
  const [truth, faulty] = [read(told), read(withFaultyHistory(told, span))];
  expect(truth.size - faulty.size).toBe(12 * 96);
  const others = [...faulty].filter(([from, wh]) => wh !== truth.get(from));
  const slipped = others.filter(([, wh]) => wh < 10);
  expect(slipped).toHaveLength(96);
  const sum = (lines: readonly (readonly [string, number])[], of: Map<string, number>) =>
    lines.reduce((total, [from]) => total + (of.get(from) ?? 0), 0);
  expect(sum(slipped, truth) / sum(slipped, faulty)).toBeGreaterThan(600);
  expect(others.length - slipped.length).toBeLessThanOrEqual(28 + 1);
});
