// A message as a row against a row per value: the same telegrams, from decoded values to the commit, and read back.
import { median } from "simple-statistics";
import { fingerprint, packDecimals } from "#devices/decimal";
import type { RegisterSpec } from "#devices/reading";
import { DAY_MS, MINUTE_MS, utcDayNumber, utcDayStartMs } from "#devices/time";
import {
  createLayouts,
  createNarrowReadings,
  createRegisters,
  encodeNarrowReadings,
  listNarrowReadings,
  listReadings,
  openPool,
  readingBytes,
  RowBuffer,
  storeBatch,
  writeNarrowReadings,
  type NarrowRow,
  type Pool,
  type ReadingBatch,
} from "#store";
import { createBenchDevices } from "./bench-devices.ts";
import { benchLine, progress, type BenchLine } from "./bench-line.ts";

const DEVICES = 40;
const VALUES = 20;
/** Of these, so many are counters that feed a profile. */
const COUNTERS = 4;
const MINUTES = DAY_MS / MINUTE_MS;
const DAY_START_MS = utcDayStartMs("2026-01-15");
const BATCH_MESSAGES = 1000;
const QUERIES = 15;

type Device = { readonly id: number; readonly layoutId: number; readonly registerIds: readonly number[] };
/** A decoded telegram: what both ways of storing start from. */
type Telegram = {
  readonly device: Device;
  readonly observedAtMs: number;
  readonly values: readonly string[];
};
type Batch = readonly Telegram[];

/** Three lines: values committed per second, bytes per value, and the time to read one register's day. */
export async function benchMessageRows(services: { readonly databaseUrl: string }): Promise<BenchLine[]> {
  const pool = openPool(services.databaseUrl, { applicationName: "koprogo-bench" });
  try {
    progress("message rows against narrow rows: a day of telegrams, one a minute");
    const devices = await createDevices(services.databaseUrl, pool);
    const batches = telegramsOfADay(devices);
    await createNarrowReadings(pool);
    // One after the other, so that neither pays for the other's checkpoints.
    const narrowS = await timed(() => eachBatch(batches, (batch) => writeNarrow(pool, batch)));
    const messageS = await timed(() => eachBatch(batches, (batch) => writeMessages(pool, batch)));
    return await lines(pool, devices, { narrowS, messageS });
  } finally {
    await pool.end();
  }
}

async function lines(
  pool: Pool,
  devices: readonly Device[],
  { narrowS, messageS }: { narrowS: number; messageS: number },
): Promise<BenchLine[]> {
  const values = DEVICES * MINUTES * VALUES;
  const context = { devices: DEVICES, telegrams: DEVICES * MINUTES, valuesPerTelegram: VALUES };
  const reference = "a row per value (series, instant, float8), binary COPY, unique index";
  const registerId = devices[0]?.registerIds[0] ?? 0;
  const toMs = DAY_START_MS + DAY_MS;
  const span = { fromMs: DAY_START_MS, toMs, limit: MINUTES };
  const messageDayS = await medianS(() => listReadings(pool, registerId, span));
  const narrowDayS = await medianS(() => listNarrowReadings(pool, registerId, DAY_START_MS, toMs));
  return [
    benchLine({
      name: "store.message_rows",
      value: values / messageS,
      unit: "values/s",
      reference,
      referenceValue: values / narrowS,
      context: { ...context, messagesPerSecond: Math.round((DEVICES * MINUTES) / messageS), connections: 1 },
    }),
    benchLine({
      name: "store.message_rows_size",
      value: (await readingBytes(pool, "reading")) / values,
      unit: "bytes/value",
      reference,
      referenceValue: (await readingBytes(pool, "narrow_reading")) / values,
      context: { ...context, withIndexes: true },
    }),
    benchLine({
      name: "store.register_day",
      value: 1000 * messageDayS,
      unit: "ms",
      reference: "the same day of one register from narrow rows",
      referenceValue: 1000 * narrowDayS,
      context: { ...context, readings: MINUTES, median: QUERIES },
    }),
  ];
}

async function createDevices(url: string, pool: Pool): Promise<Device[]> {
  const devices: Device[] = [];
  for (const { id } of await createBenchDevices(url, DEVICES)) {
    const deviceId = Number(id);
    const registers = await createRegisters(pool, [{ deviceId, specs: SPECS }], VALUES);
    const registerIds = registers.map((register) => register.id).sort((a, b) => a - b);
    const [layout] = await createLayouts(pool, [{ deviceId, layouts: [registerIds] }], 1);
    if (layout === undefined) throw new Error("the store did not create the layout of a bench device");
    devices.push({ id: deviceId, layoutId: layout.id, registerIds });
  }
  return devices;
}

const SPECS: readonly RegisterSpec[] = Array.from({ length: VALUES }, (_, i) => ({
  name: `value-${i}`,
  equipmentId: "",
  carrier: null,
  quantity: i < COUNTERS ? "energy" : "power",
  unit: i < COUNTERS ? "kWh" : "kW",
  kind: i < COUNTERS ? "cumulative" : "instantaneous",
  tariff: null,
  direction: null,
  keepEveryS: 0,
}));

/** All devices' telegrams of a day in the order in which they would arrive, with three digits after the point. */
function telegramsOfADay(devices: readonly Device[]): Batch[] {
  const batches: Telegram[][] = [[]];
  for (let minute = 0; minute < MINUTES; minute++) {
    for (const [d, device] of devices.entries()) {
      if (batches.at(-1)?.length === BATCH_MESSAGES) batches.push([]);
      const values = SPECS.map((_, i) =>
        i < COUNTERS
          ? (10_000 + 137 * d + i * 1000 + minute * 0.017).toFixed(3)
          : ((((minute * 7919 + i * 104_729 + d * 1299) % 9000) + 1) / 1000).toFixed(3),
      );
      batches.at(-1)?.push({ device, observedAtMs: DAY_START_MS + minute * MINUTE_MS, values });
    }
  }
  return batches;
}

async function eachBatch(batches: readonly Batch[], write: (batch: Batch) => Promise<void>): Promise<void> {
  for (const batch of batches) await write(batch);
}

async function writeNarrow(pool: Pool, batch: Batch): Promise<void> {
  const rows: NarrowRow[] = [];
  for (const { device, observedAtMs, values } of batch) {
    for (const [i, series] of device.registerIds.entries()) {
      rows.push({ series, observedAtMs, value: Number(values[i]) });
    }
  }
  await writeNarrowReadings(pool, encodeNarrowReadings(rows));
}

async function writeMessages(pool: Pool, batch: Batch): Promise<void> {
  const rows = new RowBuffer();
  for (const { device, observedAtMs, values } of batch) {
    const packed = packDecimals(values);
    rows.add({
      deviceId: device.id,
      layoutId: device.layoutId,
      observedAtMs,
      receivedAtMs: observedAtMs,
      clock: 0,
      flags: 0,
      fingerprint: fingerprint(packed),
      values: packed,
    });
  }
  const whole: ReadingBatch = {
    rows,
    messages: batch.map(({ device, observedAtMs }) => ({
      device: { id: device.id, profile: "senml" },
      clientId: "",
      topic: "",
      payload: NOTHING,
      retained: false,
      receivedAtMs: observedAtMs,
    })),
    rowEnds: batch.map((_, i) => i + 1),
    rejections: batch.map(() => undefined),
    touches: touchesOf(batch),
  };
  await storeBatch(pool, whole, async (error) => {
    throw error;
  });
}

const NOTHING = Buffer.alloc(0);

/** One per device of the batch, as ingest notes them. */
function touchesOf(batch: Batch): ReadingBatch["touches"] {
  const devices = new Set(batch.map(({ device }) => device));
  const rowDay = utcDayNumber(DAY_START_MS);
  return [...devices].map(({ layoutId, registerIds }) => ({
    layoutId,
    registerIds: registerIds.slice(0, COUNTERS),
    rowDay,
    fromDay: rowDay,
    toDay: rowDay,
    late: false,
  }));
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return (performance.now() - startedMs) / 1000;
}

async function medianS(work: () => Promise<unknown>): Promise<number> {
  const seconds: number[] = [];
  for (let i = 0; i < QUERIES; i++) seconds.push(await timed(work));
  return median(seconds);
}
