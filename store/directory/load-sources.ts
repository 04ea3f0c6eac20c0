// Which supply points a viewer's load of a building may be made of.
import type { Carrier } from "#devices/vocabulary";
import type { Db } from "../pool.ts";
import { scoped, type Scope } from "./scope.ts";

export type LoadSources = {
  /** Shown each by itself to this viewer, so they add up without more ado. */
  readonly open: readonly number[];
  /** How many of `open` are private. */
  readonly openPrivate: number;
  /** Private ones that this viewer may only see hidden among enough others. */
  readonly hidden: readonly number[];
  /** How many private ones this viewer may not see in any form. */
  readonly closed: number;
};

/**
 * Administrators: all. Coordinators: those that consent. Managers: the common parts, and the private ones as an aggregate.
 * Residents: the common parts (their own unit has its own load).
 */
export async function loadSources(
  db: Db,
  scope: Scope,
  buildingId: number,
  carrier: Carrier,
): Promise<LoadSources> {
  const rows = await scoped<{ id: number; private: boolean; measured: boolean }>(
    db,
    scope,
    `
    select s.id, s.scope = 'private' as private, coalesce(seen.measured, false) as measured
    from supply_point s
    join seen_building b on b.id = s.building_id
    left join seen_supply_point seen on seen.id = s.id
    where s.building_id = $2
      and s.carrier = $3
    order by s.id`,
    [buildingId, carrier],
  );
  const isOpen = (row: (typeof rows)[number]) => row.measured && !(scope.role === "resident" && row.private);
  const open = rows.filter(isOpen);
  const rest = rows.filter((row) => !isOpen(row));
  const aggregates = scope.role === "manager";
  return {
    open: open.map((row) => row.id),
    openPrivate: open.filter((row) => row.private).length,
    hidden: aggregates ? rest.map((row) => row.id) : [],
    closed: aggregates ? 0 : rest.length,
  };
}
