// Which supply points a viewer's load of a building may be made of.
import type { Carrier } from "#devices/vocabulary";
import type { Db } from "../pool.ts";
import { scoped, type Scope } from "./scope.ts";

export type LoadSources = {
  readonly buildingId: number;
  /** IANA zone, and country, of the building. */
  readonly timezone: string;
  readonly country: string;
  /** Shown each by itself to this viewer, so they add up without more ado. */
  readonly open: readonly number[];
  /** How many of `open` are private. */
  readonly openPrivate: number;
  /** Private ones that this viewer may only see hidden among enough others. */
  readonly hidden: readonly number[];
  /** How many private ones this viewer may not see in any form. */
  readonly closed: number;
};

type Row = {
  readonly id: number;
  readonly buildingId: number;
  readonly timezone: string;
  readonly country: string;
  readonly private: boolean;
  readonly measured: boolean;
};

/**
 * Administrators: all. Coordinators: those that consent. Managers: the common parts, and the private ones as an aggregate.
 * Residents: the common parts (their own unit has its own load). Of one building, or of each that the viewer sees; one
 * without a supply point of the carrier is left out.
 */
export async function listLoadSources(
  db: Db,
  scope: Scope,
  query: { readonly carrier: Carrier; readonly buildingId?: number },
): Promise<LoadSources[]> {
  const { carrier, buildingId } = query;
  const rows = await scoped<Row>(
    db,
    scope,
    `
    select s.id, s.building_id as "buildingId", b.timezone, b.country, s.scope = 'private' as private,
      coalesce(seen.measured, false) as measured
    from supply_point s
    join seen_building sb on sb.id = s.building_id
    join building b on b.id = s.building_id
    left join seen_supply_point seen on seen.id = s.id
    where s.carrier = $2
      ${buildingId === undefined ? "" : "and s.building_id = $3"}
    order by s.building_id, s.id`,
    buildingId === undefined ? [carrier] : [carrier, buildingId],
  );
  return [...Map.groupBy(rows, (row) => row.buildingId).values()].flatMap((its) => sourcesOf(scope, its));
}

function sourcesOf(scope: Scope, rows: readonly Row[]): LoadSources[] {
  const [first] = rows;
  if (first === undefined) return [];
  const { buildingId, timezone, country } = first;
  const isOpen = (row: Row) => row.measured && !(scope.role === "resident" && row.private);
  const open = rows.filter(isOpen);
  const rest = rows.filter((row) => !isOpen(row));
  const aggregates = scope.role === "manager";
  return [
    {
      buildingId,
      timezone,
      country,
      open: open.map((row) => row.id),
      openPrivate: open.filter((row) => row.private).length,
      hidden: aggregates ? rest.map((row) => row.id) : [],
      closed: aggregates ? 0 : rest.length,
    },
  ];
}
