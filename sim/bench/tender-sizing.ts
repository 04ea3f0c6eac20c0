// tender.sizing: what a supplier must know of a group, from a year of quarter-hours in the store, beside plain SQL over rows.
import { statfs } from "node:fs/promises";
import { loadavg } from "node:os";
import { isDeepStrictEqual } from "node:util";
import { GroupSizing, seriesInBatches, type GroupFigures } from "#analytics";
import { DAY_MS, QUARTERS_PER_UTC_DAY, utcDay, utcDayNumber } from "#devices/time";
import { QuarterCode } from "#devices/vocabulary";
import {
  addPlainQuarters,
  addProfiledBuildings,
  addShape,
  analyzeProfiles,
  createPlainQuarters,
  dropPlainQuarters,
  openPool,
  plainFigures,
  profileBytes,
  type PlainFigures,
  type Pool,
} from "#store";
import { drawSites } from "../portfolio/drawn-sites.ts";
import { createBuilding } from "../world/building.ts";
import { createRandom, type Random } from "../world/random.ts";
import { benchLine, progress, significant, type BenchLine } from "./bench-line.ts";

/** Where both roads are measured: 35 million plain rows, 2 GB. */
const BESIDE_PLAIN = 1000;
/** What those take on disk until they are dropped, with as much to spare. */
const PLAIN_FREE_BYTES_MIN = 4e9;
/** Where both roads are measured on a disk that is too full for it. */
const BESIDE_PLAIN_SMALL = 200;
/** Ours alone: 175 million plain rows are no benchmark. */
const ALONE = 5000;
/** Different buildings; each comes again some weeks later in the year. */
const SHAPES = 50;
/** Whole weeks, more than a year. */
const SHAPE_DAYS = 53 * 7;
const PERIOD = { from: "2025-01-01", to: "2026-01-01", timezone: "Europe/Brussels" } as const;
const COHORT_MIN = 10;
/** One day in so many has a hole, or a line drawn over one. */
const HOLED_EVERY_DAYS = 60;
const PLAIN_REFERENCE =
  "plain SQL over one row per quarter-hour (in order, parallel workers, calendar as a table), same database, same figures";

type Span = { readonly fromMs: number; readonly toMs: number };
type Timed<T> = { readonly seconds: number; readonly result: T };

export async function* benchTenderSizing(services: {
  readonly databaseUrl: string;
  readonly folder: string;
}): AsyncGenerator<BenchLine> {
  const pool = openPool(services.databaseUrl, { applicationName: "koprogo-bench" });
  try {
    const span = spanOf();
    progress(`sizing: a year of quarter-hours of ${ALONE} buildings, straight into the store`);
    const points = await fill(pool, span);
    const some = points.slice(0, await besidePlain(services.folder));
    const { line, seconds } = await both(pool, some, span);
    yield line;
    yield await alone(pool, points, { buildings: some.length, seconds });
  } finally {
    await pool.end();
  }
}

async function besidePlain(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize >= PLAIN_FREE_BYTES_MIN) return BESIDE_PLAIN;
  progress(
    `sizing: ${BESIDE_PLAIN} buildings as plain rows do not fit on the disk, so ${BESIDE_PLAIN_SMALL}`,
  );
  return BESIDE_PLAIN_SMALL;
}

async function both(
  pool: Pool,
  points: readonly number[],
  span: Span,
): Promise<{ readonly line: BenchLine; readonly seconds: number }> {
  const buildings = points.length;
  progress(`sizing: ${buildings} buildings as plain rows, by plain SQL, then ours`);
  await addPlainQuarters(pool, points, span, PERIOD);
  await analyzeProfiles(pool);
  // In turn: another one's load on the machine falls on both.
  const rounds = [await round(pool, points), await round(pool, points)];
  const plain = quickest(rounds.map((one) => one.plain));
  const ours = quickest(rounds.map((one) => one.ours));
  mustAgree(ours.result, plain.result);
  const line = benchLine({
    name: "tender.sizing",
    value: buildings / ours.seconds,
    unit: "building-years/s",
    reference: PLAIN_REFERENCE,
    referenceValue: buildings / plain.seconds,
    context: {
      ...contextOf(buildings, ours.seconds),
      referenceSeconds: significant(plain.seconds),
      referenceRows: plain.result.quarters * buildings,
      referenceBytes: await profileBytes(pool, "plain_quarter"),
      figuresEqual: true,
    },
  });
  await dropPlainQuarters(pool);
  return { line, seconds: ours.seconds };
}

/** Plain SQL between two of ours; the first round also warms the caches, for both. */
async function round(
  pool: Pool,
  points: readonly number[],
): Promise<{ readonly plain: Timed<PlainFigures>; readonly ours: Timed<GroupFigures> }> {
  const before = await timed(() => figuresOf(pool, points));
  const plain = await timed(() => plainFigures(pool, PERIOD, COHORT_MIN));
  const after = await timed(() => figuresOf(pool, points));
  return { plain, ours: quickest([before, after]) };
}

/** It stands beside itself for fewer, so that one sees whether it grows in proportion. */
async function alone(
  pool: Pool,
  points: readonly number[],
  fewer: { readonly buildings: number; readonly seconds: number },
): Promise<BenchLine> {
  progress(`sizing: ${points.length} buildings`);
  const { seconds } = quickest([
    await timed(() => figuresOf(pool, points)),
    await timed(() => figuresOf(pool, points)),
  ]);
  return benchLine({
    name: "tender.sizing",
    value: points.length / seconds,
    unit: "building-years/s",
    reference: `the same for ${fewer.buildings} buildings`,
    referenceValue: fewer.buildings / fewer.seconds,
    context: {
      ...contextOf(points.length, seconds),
      plainRows: "175 million would not fit a benchmark",
      storeBytes: await profileBytes(pool, "load_profile_day"),
    },
  });
}

function contextOf(buildings: number, seconds: number): Record<string, unknown> {
  return {
    buildings,
    period: `${PERIOD.from}/${PERIOD.to}`,
    steps: "load from the store, pack, size, batch by batch",
    seconds: significant(seconds),
    msPerBuilding: significant((1000 * seconds) / buildings),
    connections: 1,
    loadAverage: significant(loadavg()[0] ?? 0),
    residentBytes: process.memoryUsage.rss(),
  };
}

function spanOf(): Span {
  const msOf = (date: string) =>
    Temporal.PlainDate.from(date).toZonedDateTime(PERIOD.timezone).epochMilliseconds;
  return { fromMs: msOf(PERIOD.from), toMs: msOf(PERIOD.to) };
}

/** The supply points, one a building. */
async function fill(pool: Pool, { fromMs, toMs }: Span): Promise<number[]> {
  await createPlainQuarters(pool);
  const firstDay = utcDayNumber(fromMs);
  const random = createRandom(SHAPES);
  for (const [variant, plan] of drawSites(SHAPES, 1, "bench").entries()) {
    const { importDay, importNight } = createBuilding(1, plan, firstDay).common;
    const days = Array.from({ length: SHAPE_DAYS }, (_, day) => {
      const first = (firstDay + day) * QUARTERS_PER_UTC_DAY;
      return packed(random, (slot) => importDay.quarter(first + slot) + importNight.quarter(first + slot));
    });
    await addShape(pool, variant, days);
  }
  return addProfiledBuildings(pool, {
    count: ALONE,
    firstDay: utcDay(fromMs),
    days: utcDayNumber(toMs + DAY_MS - 1) - firstDay,
  });
}

const INT4_BYTES = 4;

/** Some slots are missing or interpolated, so that everything that figures must look at is there. */
function packed(
  random: Random,
  energyWh: (slot: number) => number,
): { readonly quarters: Buffer; readonly statuses: Buffer } {
  const quarters = Buffer.alloc(QUARTERS_PER_UTC_DAY * INT4_BYTES);
  const statuses = Buffer.alloc(QUARTERS_PER_UTC_DAY, QuarterCode.measured);
  if (random.below(HOLED_EVERY_DAYS) === 0) {
    const code = random.below(2) === 0 ? QuarterCode.missing : QuarterCode.interpolated;
    const first = random.below(QUARTERS_PER_UTC_DAY);
    statuses.fill(code, first, first + random.below(QUARTERS_PER_UTC_DAY - first) + 1);
  }
  for (let slot = 0; slot < QUARTERS_PER_UTC_DAY; slot++) {
    if (statuses[slot] !== QuarterCode.missing) quarters.writeInt32LE(energyWh(slot), slot * INT4_BYTES);
  }
  return { quarters, statuses };
}

/** As the tender desk loads them; one supply point a building, so each batch holds whole participants. */
async function figuresOf(pool: Pool, points: readonly number[]): Promise<GroupFigures> {
  const sizing = new GroupSizing(PERIOD, COHORT_MIN);
  const ofBuildings = points.map((id) => ({ supplyPointId: id, buildingId: id }));
  for await (const batch of seriesInBatches(pool, ofBuildings, PERIOD)) {
    for (const series of batch) sizing.add([series]);
  }
  return sizing.finish().group;
}

const POWER_OF_QUARTER = 4;
const MILLION = 1e6;
const DAYS_OF_YEAR = 365;
const millionths = (part: number, whole: number) => Math.round((part / whole) * MILLION);
const share = (part: number, whole: number) => millionths(part, whole) / MILLION;

/** @throws Error where a figure differs: the two would not have done the same work. */
function mustAgree(ours: GroupFigures, plain: PlainFigures): void {
  const [measured, missing, all] = plain.quality;
  const untilEstimated = millionths(all - missing, all);
  const theirs: GroupFigures = {
    participants: plain.participants,
    supplyPoints: plain.participants,
    measuredWh: plain.measuredWh,
    annualWh: plain.annualWh,
    basisDays: plain.basisDays,
    extrapolated: plain.basisDays < DAYS_OF_YEAR,
    quality: {
      measured: share(measured, all),
      estimated: (untilEstimated - millionths(measured, all)) / MILLION,
      missing: (MILLION - untilEstimated) / MILLION,
    },
    peakShare: share(plain.peakWh, plain.measuredWh),
    winterShare: share(plain.winterWh, plain.measuredWh),
    maxW: plain.maxWh * POWER_OF_QUARTER,
    maxAtMs: plain.maxAt.getTime(),
    loadFactor: share(plain.measuredWh, plain.maxWh * plain.quarters),
    coincidence: share(plain.maxWh, plain.sumOfMaximaWh),
    monthlyWh: plain.monthlyWh,
  };
  if (isDeepStrictEqual(ours, theirs)) return;
  throw new Error(`the sizing differs: ours ${JSON.stringify(ours)}, plain SQL ${JSON.stringify(theirs)}`);
}

async function timed<T>(work: () => Promise<T>): Promise<Timed<T>> {
  const startedMs = performance.now();
  const result = await work();
  return { seconds: (performance.now() - startedMs) / 1000, result };
}

function quickest<T>(runs: readonly Timed<T>[]): Timed<T> {
  return runs.reduce((best, run) => (run.seconds < best.seconds ? run : best));
}
