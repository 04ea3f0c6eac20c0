// Runs of estimates: one line as long as register, status and method stay, and only where the estimate is what a load shows.
import { expect, test } from "vitest";
import { DAY_MS, QUARTERS_PER_UTC_DAY, QUARTER_MS } from "#devices/time";
import { QuarterCode } from "#devices/vocabulary";
import type { EstimatedRow } from "#store";
import { ESTIMATE_METHODS, type EstimateMethod } from "./estimate-gaps.ts";
import { estimateRuns } from "./estimate-runs.ts";

const DAY = 20_600;
const at = (slot: number) => DAY * DAY_MS + slot * QUARTER_MS;
const ALWAYS = { fromMs: -Infinity, toMs: Infinity };

/** `told`: by quarter-hour how it was estimated, and what; `measured`: those that a register measured after all. */
function row(
  day: number,
  told: Readonly<Record<number, readonly [EstimateMethod, number]>>,
  rest: { readonly fromMs?: number; readonly toMs?: number; readonly measured?: readonly number[] } = {},
): EstimatedRow {
  const quarters = Buffer.alloc(4 * QUARTERS_PER_UTC_DAY);
  const statuses = Buffer.alloc(QUARTERS_PER_UTC_DAY);
  const methods = Buffer.alloc(QUARTERS_PER_UTC_DAY);
  for (const [slot, [method, value]] of Object.entries(told)) {
    quarters.writeInt32LE(value, 4 * Number(slot));
    statuses[Number(slot)] = method.startsWith("line") ? QuarterCode.interpolated : QuarterCode.substituted;
    methods[Number(slot)] = ESTIMATE_METHODS.indexOf(method);
  }
  const { measured, ...main } = rest;
  const measuredStatuses = measured === undefined ? null : Buffer.alloc(QUARTERS_PER_UTC_DAY);
  for (const slot of measured ?? []) measuredStatuses?.writeUInt8(QuarterCode.measured, slot);
  return { registerId: 7, day, ...ALWAYS, ...main, quarters, statuses, methods, measuredStatuses };
}

test("a run goes on over midnight, and ends with its method, a measured value or a hole", () => {
  const rows = [
    row(DAY, { 93: ["shape", 1], 94: ["like_day", 2], 95: ["like_day", 3] }),
    row(
      DAY + 1,
      { 0: ["like_day", 4], 1: ["like_day", 5], 2: ["like_day", 6], 9: ["line", 7] },
      { measured: [1] },
    ),
  ];
  const runs = estimateRuns(rows, ALWAYS);
  expect(runs.map(({ fromMs, toMs, method, value }) => [fromMs, toMs, method, value])).toEqual([
    [at(93), at(94), "shape", 1],
    [at(94), at(97), "like_day", 9],
    [at(98), at(99), "like_day", 6],
    [at(105), at(106), "line", 7],
  ]);
  expect(runs.map(({ status }) => status)).toEqual([
    "substituted",
    "substituted",
    "substituted",
    "interpolated",
  ]);
});

test("only while the register was main, and only what was asked", () => {
  const told = { 10: ["even", 1], 11: ["even", 2], 12: ["even", 4], 13: ["even", 8] } as const;
  const rows = [row(DAY, told, { fromMs: at(11) }), row(DAY, told, { toMs: at(11) })];
  expect(estimateRuns(rows, { fromMs: at(10), toMs: at(13) }).map(({ value }) => value)).toEqual([6, 1]);
});
