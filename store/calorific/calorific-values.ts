// Calorific values as an association keeps them, and those that hold for a building.
import { pageOf, scoped, type Page, type PageRequest, type Scope } from "../directory/scope.ts";
import { sqlText, type Db } from "../pool.ts";

export type CalorificValue = {
  /** Gas zone, region or country. */
  readonly zone: string;
  /** Civil date from which it holds, until the next of its zone. */
  readonly from: string;
  /** 1, 2…: the highest of a date counts. */
  readonly version: number;
  /** Decimal text, gross (GCV). */
  readonly kwhPerM3: string;
};
export type RecordedCalorificValue = CalorificValue & {
  readonly id: number;
  readonly source: string;
  readonly recordedAt: Date;
};
/** `rank`: 1 for the building's gas zone, 2 its region, 3 its country. */
export type CalorificInForce = CalorificValue & { readonly rank: number };

const IN_FORCE = sqlText(import.meta.url, "./calorific-in-force.sql");
const COLUMNS = `id, zone, from_on::text as "from", version, kwh_per_m3::text as "kwhPerM3", source, recorded_at as "recordedAt"`;

/** All versions, by number. Public figures: everybody who is signed in sees them. */
export async function listCalorificValues(db: Db, page: PageRequest): Promise<Page<RecordedCalorificValue>> {
  const { rows } = await db.query<RecordedCalorificValue>(
    `select ${COLUMNS} from calorific_value where id > $1 order by id limit $2`,
    [page.after, page.limit + 1],
  );
  return pageOf(rows, page.limit);
}

/** As a new version where its zone has a value of that date already; the same value again adds nothing. */
export async function recordCalorificValue(
  db: Db,
  scope: Scope,
  value: Omit<CalorificValue, "version"> & { readonly source: string },
): Promise<RecordedCalorificValue> {
  // One after the other: two at once would take the same number.
  await db.query("select pg_advisory_xact_lock(hashtext('calorific_value'))");
  const [row] = await scoped<RecordedCalorificValue>(
    db,
    scope,
    `, latest as (
      select ${COLUMNS}
      from calorific_value
      where zone = $2
        and from_on = $3::date
      order by version desc
      limit 1
    ),
    added as (
      insert into calorific_value (zone, from_on, version, kwh_per_m3, source, recorded_by, recorded_at)
      select $2, $3::date, coalesce((select version from latest), 0) + 1, $4::numeric, $5, v.account_id, v.at
      from viewer v
      where not exists (select 1 from latest where "kwhPerM3"::numeric = $4::numeric and source = $5)
      returning ${COLUMNS}
    )
    select * from added
    union all
    select * from latest where not exists (select 1 from added)`,
    [value.zone, value.from, value.kwhPerM3, value.source],
  );
  if (row === undefined) throw new Error("the database gave no calorific value back");
  return row;
}

/** Those that concern a building: whoever may see the building is the caller's question. */
export async function calorificInForce(db: Db, buildingId: number): Promise<CalorificInForce[]> {
  const { rows } = await db.query<CalorificInForce>({
    name: "calorific-in-force",
    text: IN_FORCE,
    values: [buildingId],
  });
  return rows;
}
