// The fuzz in short: seeds that failed once, then new ones for some seconds. The seed is printed; a failing one is kept.
import { afterAll, beforeAll, expect, test } from "vitest";
import { systemTime } from "#devices/time";
import { freshDatabase, type FreshDatabase } from "#testing";
import { failingSeeds, fuzz, keepFailingSeeds } from "./fuzz.ts";
import { openFuzzBed, type FuzzBed } from "./fuzz-bed.ts";

const DURATION_MS = 12_000;
/** Another one in every run: what a fixed one finds is found once. */
const SEED = Math.floor(systemTime.now() / 1000) % 1_000_000_000;

let database: FreshDatabase;
let bed: FuzzBed;
beforeAll(async () => {
  database = await freshDatabase();
  bed = await openFuzzBed(database.url);
});
afterAll(async () => {
  await bed.close();
  await database.drop();
});

test(`no decoder and no connection breaks a promise (seed ${SEED})`, async () => {
  const report = await fuzz(bed, {
    replayed: failingSeeds(),
    seed: SEED,
    durationMs: DURATION_MS,
    stop: new AbortController().signal,
    tell: () => undefined,
  });
  keepFailingSeeds(report.violations.map(({ seed }) => seed));
  process.stdout.write(`fuzz: ${JSON.stringify({ seed: SEED, ...report })}\n`);
  expect(report.violations).toEqual([]);
  expect(report.messagesAcknowledged).toBeGreaterThan(0);
  expect(report.neighbour.messages).toBeGreaterThan(0);
});
