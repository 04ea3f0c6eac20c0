// Loads the quarter-hours of many supply points, some at a time: while one batch is used, the database reads the next.
import { loadPackedDays, unpackDays, type Db, type PackedDays } from "#store";
import { packAlone, packSupplyPoint, type SupplyPointSeries } from "../tender/supply-point-series.ts";
import type { TenderPeriod } from "../tender/tender-calendar.ts";

export type PointOfBuilding = {
  readonly supplyPointId: number;
  readonly buildingId: number;
  /** As in `SupplyPointSeries`. */
  readonly yearTo?: string | undefined;
};

/** So many years of quarter-hours are 8 MB in flight; packed, each is 175 kB. */
const BATCH = 50;

/** What each used (import) as far as it was measured or brought in files, in the order of `points`; nothing is asked of `db` any more when this has ended, however it ends. */
export async function* seriesInBatches(
  db: Db,
  points: readonly PointOfBuilding[],
  period: TenderPeriod,
): AsyncGenerator<SupplyPointSeries[]> {
  const span = spanOf(period, points);
  const batchFrom = (from: number) => points.slice(from, from + BATCH);
  // Settled, so that a failure waits here until somebody asks for it.
  const load = (from: number) => {
    const ids = batchFrom(from).map((point) => point.supplyPointId);
    return Promise.allSettled(
      ids.length === 0 ? [] : [loadPackedDays(db, ids, { direction: "import", estimates: false, ...span })],
    );
  };
  let ahead = load(0);
  try {
    for (let from = 0; from < points.length; from += BATCH) {
      const [loaded] = await ahead;
      if (loaded?.status !== "fulfilled") throw loaded?.reason;
      ahead = load(from + BATCH);
      yield packed(batchFrom(from), loaded.value, span);
    }
  } finally {
    await ahead;
  }
}

type Span = { readonly fromMs: number; readonly toMs: number };

/** The period, and every year to its end: none of them begins before the period or ends before its end. */
function spanOf({ from, to, timezone }: TenderPeriod, points: readonly PointOfBuilding[]): Span {
  const startMs = (date: string) => Temporal.PlainDate.from(date).toZonedDateTime(timezone).epochMilliseconds;
  const last = points.reduce((latest, { yearTo = to }) => (yearTo > latest ? yearTo : latest), to);
  return { fromMs: startMs(from), toMs: startMs(last) };
}

function packed(
  points: readonly PointOfBuilding[],
  loaded: readonly PackedDays[],
  { fromMs, toMs }: Span,
): SupplyPointSeries[] {
  const byPoint = Map.groupBy(loaded, (row) => row.supplyPointId);
  return points.map(({ supplyPointId, buildingId, yearTo }) => {
    const point = { supplyPointId, participantId: buildingId, yearTo };
    const own = byPoint.get(supplyPointId) ?? [];
    return packAlone(point, own, fromMs, toMs) ?? packSupplyPoint(point, unpackDays(own), fromMs, toMs);
  });
}
