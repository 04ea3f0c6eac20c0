// What a supply point pays, and since when.
import type { Db } from "../pool.ts";
import { scoped, type Scope } from "./scope.ts";

export type Contract = {
  readonly supplyPointId: number;
  readonly supplier: string;
  /** Nano-units of `currency` per kWh. */
  readonly priceNanoPerKwh: bigint;
  /** Micro-units of `currency` per year. */
  readonly annualFeeMicro: bigint;
  readonly currency: string;
  readonly vat: "included" | "excluded";
  /** Civil date, `YYYY-MM-DD`. */
  readonly startsOn: string;
  /** The first day after it. */
  readonly endsOn: string | null;
  readonly noticeDays: number;
  /** Certified green share in millionths; `null`: not known. */
  readonly greenMillionths: number | null;
  /** The tender that it came from. */
  readonly tenderId: number | null;
  readonly recordedAt: Date;
};
export type ContractInput = Omit<Contract, "recordedAt" | "tenderId">;

type Row = Omit<Contract, "priceNanoPerKwh" | "annualFeeMicro"> & {
  readonly priceNanoPerKwh: string;
  readonly annualFeeMicro: string;
};

const COLUMNS = `
  c.supply_point_id as "supplyPointId", c.supplier, c.price_nano_per_kwh as "priceNanoPerKwh",
  c.annual_fee_micro as "annualFeeMicro", c.currency, c.vat, c.starts_on as "startsOn", c.ends_on as "endsOn",
  c.notice_days as "noticeDays", c.green_millionths as "greenMillionths", c.tender_id as "tenderId",
  c.recorded_at as "recordedAt"`;

/** The contract in force on the viewer's day in the building's zone; else the next to begin; else the last that ended. */
export async function findContract(
  db: Db,
  scope: Scope,
  supplyPointId: number,
): Promise<Contract | undefined> {
  const [row] = await scoped<Row>(
    db,
    scope,
    `
    select ${COLUMNS}
    from contract c
    join seen_supply_point s on s.id = c.supply_point_id
    join building b on b.id = s.building_id
    cross join viewer v
    cross join lateral (select (v.at at time zone b.timezone)::date as today) t
    where c.supply_point_id = $2
    order by
      (c.starts_on <= t.today and (c.ends_on is null or c.ends_on > t.today)) desc,
      (c.starts_on > t.today) desc,
      case when c.starts_on > t.today then c.starts_on end,
      c.starts_on desc
    limit 1`,
    [supplyPointId],
  );
  return row === undefined ? undefined : contractOf(row);
}

/**
 * A contract is identified by its first day: putting it again corrects it. One that a tender brought stays as it was awarded,
 * because what it saved is computed from it: `"awarded"`. `undefined`: the viewer does not know the supply point.
 */
export async function putContract(
  db: Db,
  scope: Scope,
  contract: ContractInput,
): Promise<Contract | "awarded" | undefined> {
  const [row] = await scoped<Row>(
    db,
    scope,
    `
    insert into contract as c
      (supply_point_id, supplier, price_nano_per_kwh, annual_fee_micro, currency, vat, starts_on, ends_on, notice_days,
       green_millionths, recorded_at)
    select s.id, $3, $4::bigint, $5::bigint, $6, $7, $8::date, $9::date, $10::integer, $11::integer, v.at
    from seen_supply_point s
    cross join viewer v
    where s.id = $2
    on conflict on constraint contract_start_unique do update
    set supplier = excluded.supplier,
      price_nano_per_kwh = excluded.price_nano_per_kwh,
      annual_fee_micro = excluded.annual_fee_micro,
      currency = excluded.currency,
      vat = excluded.vat,
      ends_on = excluded.ends_on,
      notice_days = excluded.notice_days,
      green_millionths = excluded.green_millionths,
      recorded_at = excluded.recorded_at
    where c.tender_id is null
    returning ${COLUMNS}`,
    [
      contract.supplyPointId,
      contract.supplier,
      contract.priceNanoPerKwh.toString(),
      contract.annualFeeMicro.toString(),
      contract.currency,
      contract.vat,
      contract.startsOn,
      contract.endsOn,
      contract.noticeDays,
      contract.greenMillionths,
    ],
  );
  if (row !== undefined) return contractOf(row);
  return (await isAwarded(db, scope, contract)) ? "awarded" : undefined;
}

async function isAwarded(
  db: Db,
  scope: Scope,
  { supplyPointId, startsOn }: Pick<Contract, "supplyPointId" | "startsOn">,
): Promise<boolean> {
  const rows = await scoped(
    db,
    scope,
    `
    select c.tender_id
    from contract c
    join seen_supply_point s on s.id = c.supply_point_id
    where c.supply_point_id = $2
      and c.starts_on = $3::date
      and c.tender_id is not null`,
    [supplyPointId, startsOn],
  );
  return rows.length > 0;
}

function contractOf(row: Row): Contract {
  return {
    ...row,
    priceNanoPerKwh: BigInt(row.priceNanoPerKwh),
    annualFeeMicro: BigInt(row.annualFeeMicro),
  };
}
