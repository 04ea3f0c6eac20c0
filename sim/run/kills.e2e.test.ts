// A story with every fault while its broker, worker, store and Redis are killed and frozen: nothing acknowledged is missing, and
// nothing is silently wrong. More seeds: `npm run sim -- --faults all --seed …`.
import { afterAll, beforeAll, expect, test } from "vitest";
import { systemTime } from "#devices/time";
import { startBed, type FaultBed } from "../faults/bed.ts";
import { readRunOptions } from "./options.ts";
import { run } from "./run.ts";
import { isRight } from "./verify.ts";

let bed: FaultBed;
beforeAll(async () => {
  bed = await startBed(() => undefined);
});
afterAll(() => bed?.stop());

test("with kills, a slow store and storms of reconnecting, a building's story ends right", async () => {
  const args = ["--buildings", "1", "--duration", "8h", "--step", "15m", "--seed", "7", "--settle", "90s"];
  const options = readRunOptions([...args, "--faults", "all"], systemTime.now());
  const report = await run(options, {
    api: bed.api,
    mqttUrls: [bed.brokers[0].ready().mqtt ?? ""],
    time: systemTime,
    stop: new AbortController().signal,
    bed,
    report: () => undefined,
  });
  expect(report.differences).toEqual([]);
  expect(report).toMatchObject({ lost: 0, doubled: 0, altered: 0, refused: 0, admitted: 0, unheard: [] });
  expect(report.acknowledged + report.unconfirmed).toBe(report.published);
  expect(isRight(report)).toBe(true);
  expect(report.quarters.exact).toBeGreaterThan(20);
});
