// tender.sizing: what a supplier must know of a group, from a year of quarter-hours in the store, beside plain SQL over rows.
import { isDeepStrictEqual } from "node:util";
import { packSupplyPoint, sizeGroup, type GroupFigures, type SupplyPointSeries } from "#analytics";
import { DAY_MS, QUARTERS_PER_UTC_DAY, utcDay, utcDayNumber } from "#devices/time";
import { QuarterCode } from "#devices/vocabulary";
import {
  addPlainQuarters,
  addProfiledBuildings,
  addShape,
  analyzeProfiles,
  createPlainQuarters,
  loadSupplyPointDays,
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

/** Where both roads are measured: plain rows of more would take gigabytes and minutes. */
const PLAIN_BUILDINGS = 200;
/** Ours alone. */
const LARGER = [1000, 5000] as const;
const MOST = Math.max(...LARGER);
/** Different buildings; each comes again some weeks later in the year. */
const SHAPES = 50;
/** Whole weeks, more than a year. */
const SHAPE_DAYS = 53 * 7;
const PERIOD = { from: "2025-01-01", to: "2026-01-01", timezone: "Europe/Brussels" } as const;
const COHORT_MIN = 10;
/** One day in so many has a hole, or a line drawn over one. */
const HOLED_EVERY_DAYS = 60;
const REPEATS = 3;
/** As the desk loads them: what lies between database and packed series stays small. */
const POINTS_AT_ONCE = 50;
const PLAIN_REFERENCE = "plain SQL over one row per quarter-hour, same database, same figures";

type Span = { readonly fromMs: number; readonly toMs: number };
type Timed<T> = { readonly seconds: number; readonly result: T };

export async function* benchTenderSizing(services: {
  readonly databaseUrl: string;
}): AsyncGenerator<BenchLine> {
  const pool = openPool(services.databaseUrl, { applicationName: "koprogo-bench" });
  try {
    const span = spanOf();
    progress(`sizing: a year of quarter-hours of ${MOST} buildings, straight into the store`);
    const points = await fill(pool, span);
    const small = points.slice(0, PLAIN_BUILDINGS);
    await addPlainQuarters(pool, small, span);
    await analyzeProfiles(pool);
    progress(`sizing: ${PLAIN_BUILDINGS} buildings by plain SQL, then ours`);
    const plain = await best(() => plainFigures(pool, PERIOD, COHORT_MIN));
    const ours = await best(() => figuresOf(pool, small, span));
    mustAgree(ours.result, plain.result);
    yield benchLine({
      name: "tender.sizing",
      value: PLAIN_BUILDINGS / ours.seconds,
      unit: "building-years/s",
      reference: PLAIN_REFERENCE,
      referenceValue: PLAIN_BUILDINGS / plain.seconds,
      context: {
        ...contextOf(PLAIN_BUILDINGS, ours.seconds),
        referenceSeconds: significant(plain.seconds),
        referenceRows: plain.result.quarters * PLAIN_BUILDINGS,
        referenceBytes: await profileBytes(pool, "plain_quarter"),
        figuresEqual: true,
      },
    });
    for (const buildings of LARGER) yield await alone(pool, points.slice(0, buildings), span, ours.seconds);
  } finally {
    await pool.end();
  }
}

/** Plain rows of so many do not fit a benchmark: it stands beside itself, so that one sees whether it grows in proportion. */
async function alone(
  pool: Pool,
  points: readonly number[],
  span: Span,
  smallSeconds: number,
): Promise<BenchLine> {
  progress(`sizing: ${points.length} buildings`);
  const { seconds } = await timed(() => figuresOf(pool, points, span));
  return benchLine({
    name: "tender.sizing",
    value: points.length / seconds,
    unit: "building-years/s",
    reference: `the same for ${PLAIN_BUILDINGS} buildings`,
    referenceValue: PLAIN_BUILDINGS / smallSeconds,
    context: {
      ...contextOf(points.length, seconds),
      storeBytes: await profileBytes(pool, "load_profile_day"),
    },
  });
}

function contextOf(buildings: number, seconds: number): Record<string, unknown> {
  return {
    buildings,
    period: `${PERIOD.from}/${PERIOD.to}`,
    steps: "load from the store, pack, size",
    seconds: significant(seconds),
    msPerBuilding: significant((1000 * seconds) / buildings),
    connections: 1,
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
    count: MOST,
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

async function figuresOf(pool: Pool, points: readonly number[], span: Span): Promise<GroupFigures> {
  const series: SupplyPointSeries[] = [];
  for (let at = 0; at < points.length; at += POINTS_AT_ONCE) {
    const some = points.slice(at, at + POINTS_AT_ONCE);
    const registers = await loadSupplyPointDays(pool, some, { ...span, direction: "import" });
    const byPoint = Map.groupBy(registers, ({ supplyPointId }) => supplyPointId);
    for (const [supplyPointId, own] of byPoint) {
      // One supply point a building.
      const point = { supplyPointId, participantId: supplyPointId };
      series.push(packSupplyPoint(point, own, span.fromMs, span.toMs));
    }
  }
  return sizeGroup({ series, period: PERIOD, cohortMin: COHORT_MIN }).group;
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

/** The quickest of some: the first one also warms the caches, for both. */
async function best<T>(work: () => Promise<T>): Promise<Timed<T>> {
  let quickest = await timed(work);
  for (let repeat = 1; repeat < REPEATS; repeat++) {
    const next = await timed(work);
    if (next.seconds < quickest.seconds) quickest = next;
  }
  return quickest;
}
