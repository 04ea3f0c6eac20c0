// The units of a building: dwellings and the common parts.
import type { Db } from "../pool.ts";
import { pageOf, scoped, type Page, type PageRequest, type Scope } from "./scope.ts";

export type UnitKind = "dwelling" | "common" | "other";
export type Unit = {
  readonly id: number;
  readonly buildingId: number;
  readonly name: string;
  readonly kind: UnitKind;
};

const COLUMNS = `u.id, u.building_id as "buildingId", u.name, u.kind`;

/** A resident sees his own unit and those of the common parts. */
export async function listUnits(
  db: Db,
  scope: Scope,
  buildingId: number,
  page: PageRequest,
): Promise<Page<Unit>> {
  const rows = await scoped<Unit>(
    db,
    scope,
    `
    select ${COLUMNS}
    from unit u
    join seen_building b on b.id = u.building_id
    cross join viewer v
    where u.building_id = $2
      and (v.role <> 'resident' or u.id = v.unit_id or u.kind = 'common')
      and u.id > $3
    order by u.id
    limit $4`,
    [buildingId, page.after, page.limit + 1],
  );
  return pageOf(rows, page.limit);
}

/** The building of a unit that the viewer may refer to, or `undefined`. */
export async function buildingOfUnit(db: Db, scope: Scope, unitId: number): Promise<number | undefined> {
  const [row] = await scoped<{ buildingId: number }>(
    db,
    scope,
    `
    select u.building_id as "buildingId"
    from unit u
    join seen_building b on b.id = u.building_id
    where u.id = $2`,
    [unitId],
  );
  return row?.buildingId;
}

/** `name` undefined: the next free number. */
export async function createUnit(
  db: Db,
  scope: Scope,
  unit: { buildingId: number; name: string | undefined; kind: UnitKind },
): Promise<Unit | undefined> {
  const [row] = await scoped<Unit>(
    db,
    scope,
    `
    insert into unit as u (building_id, name, kind)
    select
      b.id,
      coalesce(
        $3::text,
        (
          select (coalesce(max(case when name ~ '^[0-9]{1,6}$' then name::integer end), 0) + 1)::text
          from unit
          where building_id = $2
        )
      ),
      $4
    from seen_building b
    where b.id = $2
    returning ${COLUMNS}`,
    [unit.buildingId, unit.name ?? null, unit.kind],
  );
  return row;
}
