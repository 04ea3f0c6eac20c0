// Supply points: a building's connections to the grids.
import type { Carrier } from "#devices/vocabulary";
import type { Db } from "../pool.ts";
import { pageOf, scoped, type Page, type PageRequest, type Scope } from "./scope.ts";

export type SupplyPointDirection = "import" | "export" | "both";
export type SupplyPoint = {
  readonly id: number;
  readonly buildingId: number;
  readonly unitId: number | null;
  readonly carrier: Carrier;
  /** EAN-GSRN, PRM or POD. */
  readonly code: string | null;
  readonly direction: SupplyPointDirection;
  readonly scope: "common" | "private";
  readonly connectionKva: number | null;
  /** Share: 0.06 is 6 %. */
  readonly vatRate: number;
  /** Country of the building: it decides the form of `code`. */
  readonly country: string;
  /** IANA zone of the building. */
  readonly timezone: string;
};
export type SupplyPointInput = Omit<SupplyPoint, "id" | "country" | "timezone">;

const COLUMNS = `
  s.id, s.building_id as "buildingId", s.unit_id as "unitId", s.carrier, s.code, s.direction, s.scope,
  s.connection_kva::float8 as "connectionKva", s.vat_rate::float8 as "vatRate"`;
const OF_BUILDING = `${COLUMNS}, b.country, b.timezone`;

export async function listSupplyPoints(
  db: Db,
  scope: Scope,
  buildingId: number,
  page: PageRequest,
): Promise<Page<SupplyPoint>> {
  const rows = await scoped<SupplyPoint>(
    db,
    scope,
    `
    select ${OF_BUILDING}
    from supply_point s
    join seen_supply_point using (id)
    join building b on b.id = s.building_id
    where s.building_id = $2
      and s.id > $3
    order by s.id
    limit $4`,
    [buildingId, page.after, page.limit + 1],
  );
  return pageOf(rows, page.limit);
}

export async function findSupplyPoint(db: Db, scope: Scope, id: number): Promise<SupplyPoint | undefined> {
  const [row] = await scoped<SupplyPoint>(
    db,
    scope,
    `
    select ${OF_BUILDING}
    from supply_point s
    join seen_supply_point using (id)
    join building b on b.id = s.building_id
    where s.id = $2`,
    [id],
  );
  return row;
}

export type MeasuredPoints = {
  /** Those whose load the viewer may see, one by one. */
  readonly points: readonly SupplyPoint[];
  /** How many more the viewer knows of, but may not see the load of. */
  readonly withheld: number;
};

/** Of one building, of one carrier or of all. */
export async function listMeasuredPoints(
  db: Db,
  scope: Scope,
  buildingId: number,
  carrier?: Carrier,
): Promise<MeasuredPoints> {
  const rows = await scoped<SupplyPoint & { readonly measured: boolean }>(
    db,
    scope,
    `
    select ${OF_BUILDING}, seen.measured
    from supply_point s
    join seen_supply_point seen using (id)
    join building b on b.id = s.building_id
    where s.building_id = $2
      and ($3::text is null or s.carrier = $3)
    order by s.id`,
    [buildingId, carrier ?? null],
  );
  const points = rows.filter(({ measured }) => measured);
  return { points, withheld: rows.length - points.length };
}

/** No row comes back when the building is not one that the viewer sees, or the unit is of another. */
export async function createSupplyPoint(
  db: Db,
  scope: Scope,
  input: SupplyPointInput,
): Promise<SupplyPoint | undefined> {
  const [row] = await scoped<SupplyPoint>(
    db,
    scope,
    `,
    added as (
      insert into supply_point as s
        (building_id, unit_id, carrier, code, direction, scope, connection_kva, vat_rate)
      select b.id, $3::integer, $4, $5, $6, $7, $8::numeric, $9::numeric
      from seen_building b
      where b.id = $2
        and ($3::integer is null or exists (select 1 from unit u where u.id = $3 and u.building_id = b.id))
      returning s.*
    )
    select ${OF_BUILDING}
    from added s
    join building b on b.id = s.building_id`,
    [
      input.buildingId,
      input.unitId,
      input.carrier,
      input.code,
      input.direction,
      input.scope,
      input.connectionKva,
      input.vatRate,
    ],
  );
  return row;
}

export async function updateSupplyPoint(
  db: Db,
  scope: Scope,
  id: number,
  input: Pick<SupplyPointInput, "code" | "direction" | "connectionKva" | "vatRate">,
): Promise<SupplyPoint | undefined> {
  const [row] = await scoped<SupplyPoint>(
    db,
    scope,
    `,
    changed as (
      update supply_point s
      set code = $3, direction = $4, connection_kva = $5::numeric, vat_rate = $6::numeric, revision = s.revision + 1
      from seen_supply_point seen
      where seen.id = s.id
        and s.id = $2
      returning s.*
    )
    select ${OF_BUILDING}
    from changed s
    join building b on b.id = s.building_id`,
    [id, input.code, input.direction, input.connectionKva, input.vatRate],
  );
  return row;
}
