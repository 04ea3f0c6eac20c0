// Tenders as their viewer sees them.
import type { Db } from "../pool.ts";
import { pageOf, scoped, type Page, type PageRequest, type Scope } from "../directory/scope.ts";
import { sqlText } from "../pool.ts";
import type { AwardRow, TenderRow } from "./tender.ts";

const SELECT = sqlText(import.meta.url, "./find-tenders.sql");

type Row = Omit<TenderRow, "award"> & {
  readonly award:
    | (Omit<AwardRow, "awardedAt" | "priceNanoPerKwh" | "annualFeeMicro"> & {
        readonly awardedAt: string;
        readonly priceNanoPerKwh: string;
        readonly annualFeeMicro: string;
      })
    | null;
};

/** The newest last; of one state, if given. */
export async function listTenders(
  db: Db,
  scope: Scope,
  page: PageRequest,
  filter: { readonly state?: string | undefined } = {},
): Promise<Page<TenderRow>> {
  const rows = await scoped<Row>(
    db,
    scope,
    `
    ${SELECT}
    where t.id > $2
      and ($3::text is null or t.state = $3)
    order by t.id
    limit $4`,
    [page.after, filter.state ?? null, page.limit + 1],
  );
  return pageOf(rows.map(tenderOf), page.limit);
}

export async function findTender(db: Db, scope: Scope, id: number): Promise<TenderRow | undefined> {
  const rows = await scoped<Row>(db, scope, `\n${SELECT}where t.id = $2`, [id]);
  return rows.map(tenderOf)[0];
}

/** Tenders that a building takes part in, took part in until they were over, or may join: of its organisation. */
export async function listTendersOfBuilding(db: Db, scope: Scope, buildingId: number): Promise<TenderRow[]> {
  const rows = await scoped<Row>(
    db,
    scope,
    `
    ${SELECT}
    join building b on b.organisation_id = t.organisation_id
    where b.id = $2
      and exists (select 1 from seen_building s where s.id = b.id)
      and (
        t.state = 'enrolling'
        or exists (
          select 1
          from tender_participant p
          where p.tender_id = t.id
            and p.building_id = b.id
            and p.left_at is null
        )
      )
    order by t.id`,
    [buildingId],
  );
  return rows.map(tenderOf);
}

function tenderOf(row: Row): TenderRow {
  if (row.award === null) return { ...row, award: null };
  const { awardedAt, priceNanoPerKwh, annualFeeMicro, ...award } = row.award;
  return {
    ...row,
    award: {
      ...award,
      awardedAt: new Date(awardedAt),
      priceNanoPerKwh: BigInt(priceNanoPerKwh),
      annualFeeMicro: BigInt(annualFeeMicro),
    },
  };
}
