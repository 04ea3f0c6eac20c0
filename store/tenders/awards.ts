// The award: which bid won, the contracts that follow, and the supply points that the winner is told.
import { scoped, type Scope } from "../directory/scope.ts";
import { sqlText, type Db, type PoolClient } from "../pool.ts";
import type { AwardedPointRow, BidRow } from "./tender.ts";

/** For who runs the tender and the winner's organisation; nothing for everybody else. Of those who still take part. */
export function listAwardedPoints(db: Db, scope: Scope, tenderId: number): Promise<AwardedPointRow[]> {
  return scoped<AwardedPointRow>(
    db,
    scope,
    `
    select
      s.id as "supplyPointId", s.code, p.grid_operator as "gridOperator", p.kind, b.name as building, b.address,
      b.postal_code as "postalCode", p.annual_wh::float8 as "annualWh"
    from seen_tender seen
    join tender_award a on a.tender_id = seen.id
    join tender_bid bid on bid.id = a.bid_id
    join tender_supply_point p on p.tender_id = seen.id
    join supply_point s on s.id = p.supply_point_id
    join building b on b.id = p.building_id
    cross join viewer v
    where seen.id = $2
      and (seen.runs or (v.role = 'supplier' and bid.supplier_id = v.organisation_id))
      and exists (
        select 1
        from contract c
        where c.supply_point_id = s.id
          and c.tender_id = seen.id
      )
    order by b.name, s.id`,
    [tenderId],
  );
}

export async function storeAward(
  client: PoolClient,
  award: {
    readonly tenderId: number;
    readonly bidId: number;
    readonly awardedAt: Date;
    readonly awardedBy: number;
    readonly reason: string;
  },
): Promise<void> {
  await client.query(
    "insert into tender_award (tender_id, bid_id, awarded_at, awarded_by, reason) values ($1, $2, $3, $4, $5)",
    [award.tenderId, award.bidId, award.awardedAt, award.awardedBy, award.reason],
  );
}

/** Supply points of which a contract is recorded that begins in [startsOn, endsOn): it would be written over. */
export async function conflictingContracts(
  db: Db,
  supplyPointIds: readonly number[],
  startsOn: string,
  endsOn: string,
): Promise<number[]> {
  const { rows } = await db.query<{ id: number }>(
    `select distinct supply_point_id as id
    from contract
    where supply_point_id = any ($1::integer[])
      and starts_on >= $2::date
      and starts_on < $3::date
    order by id`,
    [supplyPointIds, startsOn, endsOn],
  );
  return rows.map((row) => row.id);
}

const CONTRACTS = sqlText(import.meta.url, "./award-contracts.sql");

/** The contract of each supply point from `startsOn` on, without VAT; what is in force then ends there. */
export async function storeAwardedContracts(
  client: PoolClient,
  contracts: {
    readonly tenderId: number;
    readonly supplyPointIds: readonly number[];
    readonly startsOn: string;
    /** The first day after the term. */
    readonly endsOn: string;
    readonly bid: BidRow;
    readonly recordedAt: Date;
  },
): Promise<void> {
  const { tenderId, supplyPointIds, startsOn, endsOn, bid, recordedAt } = contracts;
  await client.query(CONTRACTS, [
    tenderId,
    supplyPointIds,
    startsOn,
    endsOn,
    bid.supplier,
    bid.priceNanoPerKwh.toString(),
    bid.annualFeeMicro.toString(),
    bid.currency,
    bid.greenMillionths,
    recordedAt,
  ]);
}
