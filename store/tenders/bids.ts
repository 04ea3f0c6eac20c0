// Bids: written under the tender's lock, read by nobody who may not.
import { scoped, type Scope } from "../directory/scope.ts";
import type { Db, PoolClient } from "../pool.ts";
import type { BidRow } from "./tender.ts";

type Row = Omit<BidRow, "priceNanoPerKwh" | "annualFeeMicro"> & {
  readonly priceNanoPerKwh: string;
  readonly annualFeeMicro: string;
};

const COLUMNS = `
  b.id, b.tender_id as "tenderId", b.supplier_id as "supplierId", o.name as supplier, b.received_at as "receivedAt",
  b.price_nano_per_kwh as "priceNanoPerKwh", b.annual_fee_micro as "annualFeeMicro", b.currency,
  b.term_months as "termMonths", b.green_millionths as "greenMillionths", b.valid_until as "validUntil", b.salt, b.receipt`;

/** Those that the viewer may see, by identifier; replaced ones too. */
export async function listBids(db: Db, scope: Scope, tenderId: number): Promise<BidRow[]> {
  const rows = await scoped<Row>(
    db,
    scope,
    `
    select ${COLUMNS}
    from seen_bid seen
    join tender_bid b on b.id = seen.id
    join organisation o on o.id = b.supplier_id
    where b.tender_id = $2
    order by b.id`,
    [tenderId],
  );
  return rows.map(bidOf);
}

/** All of them, for the steps that rank and award: what comes of it is shown as `listBids` allows. */
export async function loadBids(db: Db, tenderId: number): Promise<BidRow[]> {
  const { rows } = await db.query<Row>(
    `select ${COLUMNS}
    from tender_bid b
    join organisation o on o.id = b.supplier_id
    where b.tender_id = $1
    order by b.id`,
    [tenderId],
  );
  return rows.map(bidOf);
}

/** The supplier is the viewer's organisation; only a supplier's scope writes one. */
export async function insertBid(
  client: PoolClient,
  scope: Scope,
  bid: Omit<BidRow, "id" | "supplierId" | "supplier">,
): Promise<BidRow | undefined> {
  const rows = await scoped<Row>(
    client,
    scope,
    `,
    added as (
      insert into tender_bid (
        tender_id, supplier_id, submitted_by, received_at, price_nano_per_kwh, annual_fee_micro, currency, term_months,
        green_millionths, valid_until, salt, receipt
      )
      select t.id, v.organisation_id, v.account_id, $3, $4::bigint, $5::bigint, $6, $7, $8, $9, $10, $11
      from seen_tender t
      cross join viewer v
      where t.id = $2
        and v.role = 'supplier'
      returning *
    )
    select ${COLUMNS}
    from added b
    join organisation o on o.id = b.supplier_id`,
    [
      bid.tenderId,
      bid.receivedAt,
      bid.priceNanoPerKwh.toString(),
      bid.annualFeeMicro.toString(),
      bid.currency,
      bid.termMonths,
      bid.greenMillionths,
      bid.validUntil,
      bid.salt,
      bid.receipt,
    ],
  );
  return rows.map(bidOf)[0];
}

function bidOf(row: Row): BidRow {
  return {
    ...row,
    priceNanoPerKwh: BigInt(row.priceNanoPerKwh),
    annualFeeMicro: BigInt(row.annualFeeMicro),
  };
}
