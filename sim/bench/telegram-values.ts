// ingest.telegram_values: values a second of telegrams that carry twenty, beside raw binary COPY of as many from a file.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DAY_MS, SECOND_MS, systemTime } from "#devices/time";
import {
  createNarrowReadings,
  encodeNarrowReadings,
  openPool,
  writeNarrowReadings,
  type NarrowRow,
} from "#store";
import type { BenchServices } from "./bench-broker.ts";
import type { BenchDevice } from "./bench-devices.ts";
import { benchLine, progress, significant, type BenchLine } from "./bench-line.ts";
import { publishLoad, type Load, type Target } from "./publish-load.ts";

export const TELEGRAM_DEVICE_COUNT = 100;
const VALUES = 20;
const MEASURE_MS = 8 * SECOND_MS;
const STEP_MS = 100;
/** As many rows as one COPY brings: what our own commits bring at most, times the values of a message. */
const ROWS_PER_COPY = 100_000;

export async function benchTelegramValues(
  services: BenchServices,
  ours: Target,
  devices: readonly BenchDevice[],
): Promise<BenchLine> {
  progress(`telegrams of ${VALUES} values from ${devices.length} clients, then COPY of as many values`);
  const fromMs = systemTime.now() - 2 * DAY_MS;
  const load: Load = {
    pace: { window: 20 },
    records: VALUES,
    processes: 2,
    warmUpMs: 2 * SECOND_MS,
    measureMs: MEASURE_MS,
    fromMs,
  };
  const measured = await publishLoad(load, ours, devices);
  const valueCount = measured.acknowledged * VALUES;
  const referencePerS = await copiedPerS(services, devices.length * VALUES, valueCount, fromMs);
  return benchLine({
    name: "ingest.telegram_values",
    value: measured.messagesPerS * VALUES,
    unit: "values/s",
    reference: "binary COPY of as many values from a file into a narrow table with its unique index",
    referenceValue: referencePerS,
    context: {
      clients: devices.length,
      valuesPerMessage: VALUES,
      messagesPerS: significant(measured.messagesPerS),
      payload: "SenML, 20 indices in kWh: decoded, judged, and their days put into the journal",
      values: valueCount,
      brokerCpuCores: significant(measured.brokerCpuCores),
      generatorCpuCores: significant(measured.generatorCpuCores),
    },
  });
}

/** In the order in which meters would send them: instant by instant, all registers. */
async function copiedPerS(
  { databaseUrl, folder }: BenchServices,
  seriesCount: number,
  valueCount: number,
  fromMs: number,
): Promise<number> {
  const pool = openPool(databaseUrl, { applicationName: "koprogo-bench", max: 1 });
  const file = join(folder, "narrow.copy");
  try {
    await createNarrowReadings(pool);
    let tookMs = 0;
    for (let from = 0; from < valueCount; from += ROWS_PER_COPY) {
      const rows: NarrowRow[] = [];
      for (let i = from; i < Math.min(from + ROWS_PER_COPY, valueCount); i++) {
        const step = Math.floor(i / seriesCount);
        // Below 0: the numbers of nobody else's series.
        rows.push({ series: -1 - (i % seriesCount), observedAtMs: fromMs + step * STEP_MS, value: i / 1000 });
      }
      writeFileSync(file, encodeNarrowReadings(rows));
      const startedMs = performance.now();
      await writeNarrowReadings(pool, readFileSync(file));
      tookMs += performance.now() - startedMs;
    }
    return valueCount / (tookMs / SECOND_MS);
  } finally {
    rmSync(file, { force: true });
    await pool.end();
  }
}
