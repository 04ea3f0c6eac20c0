// Buildings and their units.
import type { Db } from "../pool.ts";
import { pageOf, scoped, type Page, type PageRequest, type Scope } from "./scope.ts";

export type Building = {
  readonly id: number;
  readonly organisationId: number;
  readonly name: string;
  readonly address: string;
  readonly postalCode: string;
  readonly country: string;
  readonly region: string;
  /** IANA zone; civil days are cut in it. */
  readonly timezone: string;
  readonly dwellings: number;
  readonly heatedAreaM2: number | null;
  /** The gas network's zone, by which its calorific values are published; `null`: region, then country. */
  readonly gasZone: string | null;
};
export type BuildingInput = Omit<Building, "id">;

const COLUMNS = `
  b.id, b.organisation_id as "organisationId", b.name, b.address, b.postal_code as "postalCode", b.country, b.region,
  b.timezone, b.dwellings, b.heated_area_m2::float8 as "heatedAreaM2", b.gas_zone as "gasZone"`;

export async function listBuildings(db: Db, scope: Scope, page: PageRequest): Promise<Page<Building>> {
  const rows = await scoped<Building>(
    db,
    scope,
    `
    select ${COLUMNS}
    from building b
    join seen_building using (id)
    where b.id > $2
    order by b.id
    limit $3`,
    [page.after, page.limit + 1],
  );
  return pageOf(rows, page.limit);
}

export async function findBuilding(db: Db, scope: Scope, id: number): Promise<Building | undefined> {
  const [row] = await scoped<Building>(
    db,
    scope,
    `
    select ${COLUMNS}
    from building b
    join seen_building using (id)
    where b.id = $2`,
    [id],
  );
  return row;
}

/** No row comes back when the organisation is not one that the viewer sees. */
export async function createBuilding(
  db: Db,
  scope: Scope,
  building: BuildingInput,
): Promise<Building | undefined> {
  const [row] = await scoped<Building>(
    db,
    scope,
    `
    insert into building as b
      (organisation_id, name, address, postal_code, country, region, timezone, dwellings, heated_area_m2, gas_zone)
    select o.id, $3, $4, $5, $6, $7, $8, $9, $10, $11
    from seen_organisation o
    where o.id = $2
    returning ${COLUMNS}`,
    valuesOf(building),
  );
  return row;
}

/** Writes the whole building anew. */
export async function updateBuilding(
  db: Db,
  scope: Scope,
  id: number,
  building: BuildingInput,
): Promise<Building | undefined> {
  const [row] = await scoped<Building>(
    db,
    scope,
    `
    update building b
    set organisation_id = $2, name = $3, address = $4, postal_code = $5, country = $6, region = $7, timezone = $8,
      dwellings = $9, heated_area_m2 = $10, gas_zone = $11, revision = b.revision + 1
    from seen_building seen
    where seen.id = b.id
      and b.id = $12
    returning ${COLUMNS}`,
    [...valuesOf(building), id],
  );
  return row;
}

function valuesOf(building: BuildingInput): unknown[] {
  return [
    building.organisationId,
    building.name,
    building.address,
    building.postalCode,
    building.country,
    building.region,
    building.timezone,
    building.dwellings,
    building.heatedAreaM2,
    building.gasZone,
  ];
}
