// When a day is over: what is estimated of it, and what is left alone, by a clock that is moved.
import { beforeEach, expect, test } from "vitest";
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "#devices/time";
import { memoryStore } from "#memory-store";
import { meter } from "../profile/test-register-worlds.ts";
import { createDrain } from "./drain-journal.ts";
import { createEstimator } from "./estimate-due.ts";
import { MemoryRegister } from "./test-memory-register.ts";

const MIDNIGHT = Date.UTC(2026, 9, 20);
const YESTERDAY = MIDNIGHT / DAY_MS - 1;
const STEP_MS = 15 * MINUTE_MS;

let nowMs: number;
let register: MemoryRegister;
let drain: (signal: AbortSignal) => Promise<unknown>;
let estimate: () => Promise<number>;

beforeEach(() => {
  const time = { now: () => nowMs };
  const log = { debug: () => undefined, error: (fields: object) => expect(fields).toBeUndefined() };
  register = new MemoryRegister(time, meter);
  const options = { store: memoryStore(register.database), time, log };
  const limits = { pairsMax: 64, rewriteAfterMs: 0, rewriteLateAfterMs: 0 };
  drain = createDrain({ ...options, limits });
  // Another worker's each time: it looks at once.
  estimate = () => createEstimator(options)();
});

/** Of each quarter-hour, a minute after it; but for a silence. */
async function speak(fromMs: number, toMs: number, silent = { fromMs: 0, toMs: 0 }): Promise<void> {
  for (let atMs = fromMs + MINUTE_MS; atMs < toMs; atMs += STEP_MS) {
    if (atMs >= silent.fromMs && atMs < silent.toMs) continue;
    nowMs = atMs;
    register.arrive({ atMs, clock: 0, value: ((atMs - MIDNIGHT + 30 * DAY_MS) / HOUR_MS).toFixed(3) });
  }
  await drain(new AbortController().signal);
}

const NOON_SILENCE = { fromMs: MIDNIGHT - 14 * HOUR_MS, toMs: MIDNIGHT - 10 * HOUR_MS };

/** Of yesterday: how many of the quarter-hours of the silence, and of all others. */
function estimated(): { readonly silence: number; readonly others: number } {
  const statuses = register.database.estimates.of(register.registerId).get(YESTERDAY)?.statuses ?? [];
  const slots = [...statuses].flatMap((status, slot) => (status === 0 ? [] : [slot]));
  const silence = slots.filter((slot) => slot >= 40 && slot < 56).length;
  return { silence, others: slots.length - silence };
}

test("a meter that lives is left alone at midnight, though it has not told the day's end yet", async () => {
  await speak(MIDNIGHT - 9 * DAY_MS, MIDNIGHT);
  const row = register.database.days.of(register.registerId).get(YESTERDAY);
  expect(row?.statuses.filter((one) => one === 0)).toHaveLength(1);
  nowMs = MIDNIGHT + 45 * SECOND_MS;
  await estimate();
  expect(estimated()).toEqual({ silence: 0, others: 0 });
  await speak(MIDNIGHT, MIDNIGHT + HOUR_MS);
  expect(await estimate()).toBe(0);
  expect(register.database.changes).toEqual([]);
});

test("of a meter that fell silent the day is estimated when it came to nothing more", async () => {
  await speak(MIDNIGHT - 9 * DAY_MS, MIDNIGHT, NOON_SILENCE);
  nowMs = MIDNIGHT + 45 * SECOND_MS;
  await estimate();
  expect(estimated()).toEqual({ silence: 0, others: 0 });
  nowMs += DAY_MS;
  await estimate();
  expect(estimated().silence).toBe(16);
});

test("so is that of one that was exchanged in the evening, and counts no more", async () => {
  await speak(MIDNIGHT - 9 * DAY_MS, MIDNIGHT - 6 * HOUR_MS, NOON_SILENCE);
  const { assignments } = register.database.directory;
  const [assignment] = assignments;
  if (assignment === undefined) throw new Error("the register counts nowhere");
  assignments[0] = { ...assignment, toMs: MIDNIGHT - 6 * HOUR_MS };
  nowMs = MIDNIGHT + DAY_MS + 45 * SECOND_MS;
  await estimate();
  expect(estimated().silence).toBe(16);
});
