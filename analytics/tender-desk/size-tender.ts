// What supply points used in a period: loaded for its figures, packed for the snapshot, and back.
import { DAY_MS, utcDay } from "#devices/time";
import type { Db } from "#store";
import type { SupplyPointSeries } from "../tender/supply-point-series.ts";
import type { TenderPeriod } from "../tender/tender-calendar.ts";
import { seriesInBatches, type PointOfBuilding } from "./series-in-batches.ts";

/** Each supply point's quarter-hours are read once: what is packed here is what is sized, judged and kept. */
export async function loadSeries(
  db: Db,
  points: readonly PointOfBuilding[],
  period: TenderPeriod,
): Promise<SupplyPointSeries[]> {
  const series: SupplyPointSeries[] = [];
  for await (const some of seriesInBatches(db, points, period)) series.push(...some);
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
    yearTo: point.yearTo,
    firstDay: stored.firstDay,
    quarters,
    statuses: new Uint8Array(stored.statuses),
  };
}

export function firstDayOf({ firstDay }: SupplyPointSeries): string {
  return utcDay(firstDay * DAY_MS);
}
