// What enrolment asks of a building: its region, its other tenders, its supply points with consent and contract.
import type { Carrier } from "#devices/vocabulary";
import { scoped, type Scope } from "../directory/scope.ts";
import type { SupplyPointDirection } from "../directory/supply-points.ts";
import { sqlText, type Db } from "../pool.ts";

export type EnrollingBuildingRow = {
  readonly buildingId: number;
  readonly building: string;
  readonly region: string;
  /** Today by the building's clock, `YYYY-MM-DD`. */
  readonly today: string;
  /** Where it takes part now, for each carrier at most once: tenders that are neither in force nor cancelled. */
  readonly activeIn: readonly { readonly tenderId: number; readonly carrier: Carrier }[];
};

export type EnrollingPointRow = {
  readonly supplyPointId: number;
  readonly buildingId: number;
  readonly code: string | null;
  readonly carrier: Carrier;
  readonly direction: SupplyPointDirection;
  readonly scope: "common" | "private";
  /** Whether a consent for `tender` is in force. */
  readonly tenderConsent: boolean;
  /** Whether a device that is still there measures it. */
  readonly fedByDevice: boolean;
  /** Of today. */
  readonly contract: PresentContract | null;
};

export type PresentContract = {
  readonly supplier: string;
  readonly priceNanoPerKwh: bigint;
  readonly annualFeeMicro: bigint;
  readonly currency: string;
  /** VAT that its amounts contain, 0 when without. */
  readonly vatMillionths: number;
  readonly greenMillionths: number | null;
};

const POINTS = sqlText(import.meta.url, "./enrolling-points.sql");

/** Of the buildings that the viewer sees; the others are not there. */
export function enrollingBuildings(
  db: Db,
  scope: Scope,
  buildingIds: readonly number[],
): Promise<EnrollingBuildingRow[]> {
  return scoped<EnrollingBuildingRow>(
    db,
    scope,
    `
    select
      b.id as "buildingId", b.name as building, b.region, (v.at at time zone b.timezone)::date as today,
      coalesce(
        (
          select json_agg(json_build_object('tenderId', p.tender_id, 'carrier', p.carrier) order by p.tender_id)
          from tender_participant p
          where p.building_id = b.id
            and p.active
        ),
        '[]'
      ) as "activeIn"
    from seen_building seen
    join building b on b.id = seen.id
    cross join viewer v
    where b.id = any ($2::integer[])
    order by b.id`,
    [buildingIds],
  );
}

type Contract = Omit<PresentContract, "priceNanoPerKwh" | "annualFeeMicro"> & {
  readonly priceNanoPerKwh: string;
  readonly annualFeeMicro: string;
};

/**
 * All supply points of a carrier in buildings that the viewer sees, private ones of others included: what is known of them here
 * decides whether the building may take part, and is shown to nobody but by `seen_supply_point`.
 */
export async function enrollingPoints(
  db: Db,
  scope: Scope,
  buildingIds: readonly number[],
  carrier: Carrier,
): Promise<EnrollingPointRow[]> {
  const rows = await scoped<Omit<EnrollingPointRow, "contract"> & { contract: Contract | null }>(
    db,
    scope,
    `\n${POINTS}`,
    [buildingIds, carrier],
  );
  return rows.map(({ contract, ...row }) => ({
    ...row,
    contract: contract && {
      ...contract,
      priceNanoPerKwh: BigInt(contract.priceNanoPerKwh),
      annualFeeMicro: BigInt(contract.annualFeeMicro),
    },
  }));
}

/** Which of these supply points the viewer may see the energy of: coordinators also with a consent for `tender`. */
export async function seenTenderPoints(db: Db, scope: Scope, ids: readonly number[]): Promise<Set<number>> {
  const rows = await scoped<{ id: number }>(
    db,
    scope,
    `
    select s.id
    from seen_supply_point s
    cross join viewer v
    where s.id = any ($2::integer[])
      and (
        s.measured
        or exists (
          select 1
          from consent c
          where c.supply_point_id = s.id
            and c.purpose = 'tender'
            and c.starts_at <= v.at
            and (c.ends_at is null or c.ends_at > v.at)
            and c.withdrawn_at is null
        )
      )`,
    [ids],
  );
  return new Set(rows.map((row) => row.id));
}

/** Which of these supply points the viewer may know of, whatever he sees of their energy. */
export async function knownSupplyPoints(db: Db, scope: Scope, ids: readonly number[]): Promise<Set<number>> {
  const rows = await scoped<{ id: number }>(
    db,
    scope,
    "\nselect id from seen_supply_point where id = any ($2::integer[])",
    [ids],
  );
  return new Set(rows.map((row) => row.id));
}
