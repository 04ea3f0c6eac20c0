// Supply points that a tender brought a contract, with all their contracts and what stood before.
import type { Carrier } from "#devices/vocabulary";
import { scoped, type Scope } from "../directory/scope.ts";
import { sqlText, type Db } from "../pool.ts";

/** Nano-units of the currency per kWh, micro-units per year, the VAT that both contain in millionths. */
export type TariffRow = {
  readonly priceNanoPerKwh: bigint;
  readonly annualFeeMicro: bigint;
  readonly vatMillionths: number;
};

export type SwitchContract = {
  readonly startsOn: string;
  readonly endsOn: string | null;
  readonly supplier: string;
  readonly tariff: TariffRow;
  readonly greenMillionths: number | null;
  /** `null`: no tender brought it, or another one than was asked for. */
  readonly award: {
    readonly tenderId: number;
    /** The viewer may see by itself what it saved. */
    readonly open: boolean;
    /** The contract of the day of publication, as the snapshot froze it. */
    readonly before: TariffRow;
    readonly greenBefore: number | null;
    /** The snapshot's year. */
    readonly annualWh: number;
    /** The bid that won; `null` while no award is on record. */
    readonly bid: TariffRow | null;
  } | null;
};

export type SwitchedPoint = {
  readonly supplyPointId: number;
  readonly buildingId: number;
  readonly carrier: Carrier;
  readonly timezone: string;
  readonly country: string;
  /** The viewer may see what it saved only among enough others, whatever its contracts are. */
  readonly hidden: boolean;
  readonly contracts: readonly SwitchContract[];
};

export type SwitchQuery = {
  readonly buildingId?: number;
  readonly tenderId?: number;
  readonly currency: string;
  readonly carriers: readonly Carrier[];
};

type Row = Omit<SwitchedPoint, "contracts"> & {
  readonly open: boolean;
  readonly startsOn: string;
  readonly endsOn: string | null;
  readonly supplier: string;
  readonly priceNanoPerKwh: string;
  readonly annualFeeMicro: string;
  readonly vatMillionths: number;
  readonly greenMillionths: number | null;
} & (
    | { readonly tenderId: null }
    | {
        readonly tenderId: number;
        readonly oldPriceNanoPerKwh: string;
        readonly oldAnnualFeeMicro: string;
        readonly oldVatMillionths: number;
        readonly oldGreenMillionths: number | null;
        readonly annualWh: string;
        readonly bidPriceNanoPerKwh: string | null;
        readonly bidAnnualFeeMicro: string | null;
      }
  );

const statement = sqlText(import.meta.url, "./list-switches.sql");

/** Of a building, of a tender, or of all that the viewer sees, in the order of supply points. */
export async function listSwitches(db: Db, scope: Scope, query: SwitchQuery): Promise<SwitchedPoint[]> {
  const { buildingId = null, tenderId = null, currency, carriers } = query;
  const rows = await scoped<Row>(db, scope, statement, [buildingId, tenderId, currency, carriers]);
  return [...Map.groupBy(rows, (row) => row.supplyPointId).values()].flatMap((its) => {
    const [first] = its;
    if (first === undefined) return [];
    const { supplyPointId, carrier, timezone, country, hidden } = first;
    const contracts = its.map(contractOf);
    return [{ supplyPointId, buildingId: first.buildingId, carrier, timezone, country, hidden, contracts }];
  });
}

function contractOf(row: Row): SwitchContract {
  const { startsOn, endsOn, supplier, greenMillionths } = row;
  const tariff = tariffOf(row.priceNanoPerKwh, row.annualFeeMicro, row.vatMillionths);
  return { startsOn, endsOn, supplier, greenMillionths, tariff, award: awardOf(row) };
}

function awardOf(row: Row): SwitchContract["award"] {
  if (row.tenderId === null) return null;
  const { bidPriceNanoPerKwh, bidAnnualFeeMicro } = row;
  return {
    tenderId: row.tenderId,
    open: row.open,
    before: tariffOf(row.oldPriceNanoPerKwh, row.oldAnnualFeeMicro, row.oldVatMillionths),
    greenBefore: row.oldGreenMillionths,
    annualWh: Number(row.annualWh),
    bid:
      bidPriceNanoPerKwh === null || bidAnnualFeeMicro === null
        ? null
        : tariffOf(bidPriceNanoPerKwh, bidAnnualFeeMicro, 0),
  };
}

function tariffOf(priceNanoPerKwh: string, annualFeeMicro: string, vatMillionths: number): TariffRow {
  return {
    priceNanoPerKwh: BigInt(priceNanoPerKwh),
    annualFeeMicro: BigInt(annualFeeMicro),
    vatMillionths,
  };
}
