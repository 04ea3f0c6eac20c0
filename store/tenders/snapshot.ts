// The snapshot behind a dossier: written once at its publication, read by everything after.
import { sqlText, type Db, type PoolClient } from "../pool.ts";
import type { PresentContract } from "./enrolling.ts";

export type SnapshotPoint = {
  readonly supplyPointId: number;
  readonly buildingId: number;
  readonly gridOperator: string;
  readonly kind: string;
  /** UTC, `YYYY-MM-DD`. */
  readonly firstDay: string;
  /** Little-endian int4, Wh (gas, water: l), and a `QuarterCode` for each. */
  readonly quarters: Buffer;
  readonly statuses: Buffer;
  readonly measuredWh: number;
  readonly annualWh: number;
  readonly basisDays: number;
  /** The civil day after the year that `annualWh` is for. */
  readonly yearTo: string;
  readonly contract: Omit<PresentContract, "currency">;
};

const STORE = sqlText(import.meta.url, "./store-snapshot.sql");
/** A year of quarter-hours is 175 kB: so many a statement are 4 MB on their way. */
const BATCH = 24;

/** Taken one after another, as they are made: at no time are all of them in memory twice. */
export async function storeSnapshot(
  client: PoolClient,
  tenderId: number,
  points: Iterable<SnapshotPoint>,
): Promise<void> {
  let batch: SnapshotPoint[] = [];
  for (const point of points) {
    batch.push(point);
    if (batch.length < BATCH) continue;
    await storeBatch(client, tenderId, batch);
    batch = [];
  }
  if (batch.length > 0) await storeBatch(client, tenderId, batch);
}

async function storeBatch(
  client: PoolClient,
  tenderId: number,
  batch: readonly SnapshotPoint[],
): Promise<void> {
  const column = <T>(read: (point: SnapshotPoint) => T): T[] => batch.map(read);
  await client.query(STORE, [
    tenderId,
    column((point) => point.supplyPointId),
    column((point) => point.buildingId),
    column((point) => point.gridOperator),
    column((point) => point.kind),
    column((point) => point.firstDay),
    column((point) => point.quarters),
    column((point) => point.statuses),
    column((point) => point.measuredWh),
    column((point) => point.annualWh),
    column((point) => point.basisDays),
    column((point) => point.yearTo),
    column((point) => point.contract.supplier),
    column((point) => point.contract.priceNanoPerKwh.toString()),
    column((point) => point.contract.annualFeeMicro.toString()),
    column((point) => point.contract.vatMillionths),
    column((point) => point.contract.greenMillionths),
  ]);
}

/** A supply point of a dossier with what evaluation needs, and whether it still counts. */
export type TenderPointRow = {
  readonly supplyPointId: number;
  readonly buildingId: number;
  readonly building: string;
  readonly annualWh: number;
  readonly basisDays: number;
  readonly yearTo: string;
  readonly priceNanoPerKwh: bigint;
  readonly annualFeeMicro: bigint;
  readonly vatMillionths: number;
  /** Its building has not left, and its consent for `tender` is in force at the instant asked. */
  readonly counts: boolean;
};

/** All supply points of a dossier, by building and identifier. */
export async function loadTenderPoints(db: Db, tenderId: number, atMs: number): Promise<TenderPointRow[]> {
  const { rows } = await db.query<
    Omit<TenderPointRow, "priceNanoPerKwh" | "annualFeeMicro"> & {
      priceNanoPerKwh: string;
      annualFeeMicro: string;
    }
  >(
    `select
      p.supply_point_id as "supplyPointId", p.building_id as "buildingId", b.name as building,
      p.annual_wh::float8 as "annualWh", p.basis_days as "basisDays", p.year_to as "yearTo",
      p.current_price_nano_per_kwh as "priceNanoPerKwh", p.current_annual_fee_micro as "annualFeeMicro",
      p.current_vat_millionths as "vatMillionths",
      exists (
        select 1
        from tender_participant t
        where t.tender_id = p.tender_id
          and t.building_id = p.building_id
          and t.left_at is null
      )
      and exists (
        select 1
        from consent c
        where c.supply_point_id = p.supply_point_id
          and c.purpose = 'tender'
          and c.starts_at <= $2
          and (c.ends_at is null or c.ends_at > $2)
          and c.withdrawn_at is null
      ) as counts
    from tender_supply_point p
    join building b on b.id = p.building_id
    where p.tender_id = $1
    order by p.building_id, p.supply_point_id`,
    [tenderId, new Date(atMs)],
  );
  return rows.map((row) => ({
    ...row,
    priceNanoPerKwh: BigInt(row.priceNanoPerKwh),
    annualFeeMicro: BigInt(row.annualFeeMicro),
  }));
}
