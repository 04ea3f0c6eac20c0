// Loads what supply points used in a period and makes a group's figures of it: seconds of CPU for a thousand of them.
import { DAY_MS, utcDay } from "#devices/time";
import { loadSupplyPointDays, type Db } from "#store";
import { participantMonths, type ParticipantMonths } from "../tender/participant-months.ts";
import { sizeGroup, type Sizing } from "../tender/sizing.ts";
import { packSupplyPoint, type SupplyPointSeries } from "../tender/supply-point-series.ts";
import type { TenderPeriod } from "../tender/tender-calendar.ts";

export type PointOfBuilding = { readonly supplyPointId: number; readonly buildingId: number };

export type SizedTender = {
  readonly series: readonly SupplyPointSeries[];
  readonly sizing: Sizing;
  readonly months: readonly ParticipantMonths[];
};

/** So many years of quarter-hours are 8 MB in flight; packed, each is 175 kB. */
const BATCH = 50;

export async function sizeTender(
  db: Db,
  points: readonly PointOfBuilding[],
  period: TenderPeriod,
  cohortMin: number,
): Promise<SizedTender> {
  const series = await loadSeries(db, points, period);
  const request = { series, period, cohortMin };
  const sizing = sizeGroup(request);
  return { series, sizing, months: participantMonths(request, sizing.profile) };
}

/** Each supply point's quarter-hours are read once: what is packed here is what is sized, judged and kept. */
export async function loadSeries(
  db: Db,
  points: readonly PointOfBuilding[],
  period: TenderPeriod,
): Promise<SupplyPointSeries[]> {
  const startMs = (date: string) =>
    Temporal.PlainDate.from(date).toZonedDateTime(period.timezone).epochMilliseconds;
  const span = { fromMs: startMs(period.from), toMs: startMs(period.to) };
  const series: SupplyPointSeries[] = [];
  for (let from = 0; from < points.length; from += BATCH) {
    const batch = points.slice(from, from + BATCH);
    const ids = batch.map((point) => point.supplyPointId);
    const registers = await loadSupplyPointDays(db, ids, { direction: "import", ...span });
    const byPoint = Map.groupBy(registers, (register) => register.supplyPointId);
    for (const { supplyPointId, buildingId } of batch) {
      const point = { supplyPointId, participantId: buildingId };
      series.push(packSupplyPoint(point, byPoint.get(supplyPointId) ?? [], span.fromMs, span.toMs));
    }
  }
  return series;
}

/** As the snapshot keeps them: little-endian, whatever machine this is. */
export function packedQuarters({ quarters }: SupplyPointSeries): Buffer {
  const bytes = Buffer.alloc(4 * quarters.length);
  for (const [slot, energyWh] of quarters.entries()) bytes.writeInt32LE(energyWh, 4 * slot);
  return bytes;
}

/** Back from the snapshot: the series that a dossier was made of. */
export function unpackedSeries(
  point: PointOfBuilding,
  stored: { readonly firstDay: number; readonly quarters: Buffer; readonly statuses: Buffer },
): SupplyPointSeries {
  const quarters = new Int32Array(stored.statuses.length);
  for (let slot = 0; slot < quarters.length; slot++) quarters[slot] = stored.quarters.readInt32LE(4 * slot);
  return {
    supplyPointId: point.supplyPointId,
    participantId: point.buildingId,
    firstDay: stored.firstDay,
    quarters,
    statuses: new Uint8Array(stored.statuses),
  };
}

export function firstDayOf({ firstDay }: SupplyPointSeries): string {
  return utcDay(firstDay * DAY_MS);
}
