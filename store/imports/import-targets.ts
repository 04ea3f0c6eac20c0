// The supply points that a viewer may import history for.
import type { Carrier, Direction } from "#devices/vocabulary";
import type { Db } from "../pool.ts";
import { scoped, type Scope } from "../directory/scope.ts";

export type ImportTargetRow = {
  readonly id: number;
  readonly code: string | null;
  readonly carrier: Carrier;
  readonly direction: Direction | "both";
  /** IANA zone of its building. */
  readonly timezone: string;
  /** Of electricity; `null` when it is not known, and for other carriers. */
  readonly connectionKva: number | null;
};

/** Whoever keeps the register writes to all that he sees, a manager to the common parts, residents and suppliers to none. */
const WRITABLE = `
  select
    s.id,
    s.code,
    s.carrier,
    s.direction,
    b.timezone,
    case when s.carrier = 'electricity' then s.connection_kva::float8 end as "connectionKva"
  from supply_point s
  join building b on b.id = s.building_id
  join seen_supply_point seen on seen.id = s.id
  cross join viewer v
  where (v.role in ('admin', 'coordinator') or (v.role = 'manager' and s.scope = 'common'))`;

/** Of these codes, as they are kept. A code that nobody has and one that the viewer may not see are both left out. */
export function importTargetsByCode(
  db: Db,
  scope: Scope,
  codes: readonly string[],
): Promise<ImportTargetRow[]> {
  return scoped(db, scope, `${WRITABLE} and s.code = any ($2::text[])`, [codes]);
}

export function importTargetsById(db: Db, scope: Scope, ids: readonly number[]): Promise<ImportTargetRow[]> {
  return scoped(db, scope, `${WRITABLE} and s.id = any ($2::integer[])`, [ids]);
}
