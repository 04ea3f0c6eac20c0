// Registers as people see them, and the dated ledger of the supply points that they measure.
import type { AssignmentRole, Carrier, Direction, RegisterKind } from "#devices/vocabulary";
import type { Db } from "../pool.ts";
import { ruleAssignmentIndices, type IndicesRefusal } from "../rulings/assignment-indices.ts";
import { holdRegisters } from "./hold-registers.ts";
import { pageOf, scoped, type Page, type PageRequest, type Scope } from "./scope.ts";

export type Register = {
  readonly id: number;
  readonly deviceId: number;
  readonly name: string;
  readonly equipmentId: string;
  readonly carrier: Carrier | null;
  readonly quantity: string;
  readonly unit: string;
  readonly kind: RegisterKind;
  readonly tariff: string | null;
  readonly direction: Direction | null;
  /** Assignment in force at the viewer's instant. */
  readonly supplyPointId: number | null;
  readonly role: AssignmentRole | null;
};

const COLUMNS = `
  r.id, r.device_id as "deviceId", r.name, r.equipment_id as "equipmentId", r.carrier, r.quantity, r.unit, r.kind,
  r.tariff, r.direction, a.supply_point_id as "supplyPointId", a.role`;
const IN_FORCE = `
  cross join viewer v
  left join register_assignment a on a.register_id = r.id and a.starts_at <= v.at and a.ends_at > v.at`;

export async function listDeviceRegisters(
  db: Db,
  scope: Scope,
  deviceId: number,
  page: PageRequest,
): Promise<Page<Register>> {
  const rows = await scoped<Register>(
    db,
    scope,
    `
    select ${COLUMNS}
    from register r
    join seen_register seen on seen.id = r.id
    ${IN_FORCE}
    where seen.device_id = $2
      and r.id > $3
    order by r.id
    limit $4`,
    [deviceId, page.after, page.limit + 1],
  );
  return pageOf(rows, page.limit);
}

export async function findRegister(db: Db, scope: Scope, id: number): Promise<Register | undefined> {
  const [row] = await scoped<Register>(
    db,
    scope,
    `
    select ${COLUMNS}
    from register r
    join seen_register seen on seen.id = r.id
    ${IN_FORCE}
    where r.id = $2`,
    [id],
  );
  return row;
}

/** The registers of a building whose readings the viewer may see. */
export async function measuredRegisterIds(db: Db, scope: Scope, buildingId: number): Promise<number[]> {
  const rows = await scoped<{ id: number }>(
    db,
    scope,
    "\nselect id from seen_register where building_id = $2 and measured",
    [buildingId],
  );
  return rows.map((row) => row.id);
}

export type Assignment = {
  readonly id: number;
  readonly registerId: number;
  readonly supplyPointId: number;
  readonly role: AssignmentRole;
  /** `null`: as far back as there are readings. */
  readonly startsAt: Date | null;
  /** `null`: still in force. */
  readonly endsAt: Date | null;
  /** Decimal text in the register's unit. */
  readonly openingIndex: string | null;
  readonly closingIndex: string | null;
};

/** Of a swap the new assignment begins with its quarter-hour, in which both meters count; people see the instant itself. */
const ASSIGNMENT_COLUMNS = `
  a.id, a.register_id as "registerId", a.supply_point_id as "supplyPointId", a.role,
  coalesce(
    (
      select max(s.swapped_at)
      from meter_swap s
      join register_ruling u on u.id = s.opening_ruling_id and u.withdrawn_at is null
      where s.new_assignment_id = a.id
        and s.swapped_at >= a.starts_at
        and s.swapped_at < a.starts_at + interval '15 minutes'
    ),
    nullif(a.starts_at, '-infinity')
  ) as "startsAt", nullif(a.ends_at, 'infinity') as "endsAt",
  a.opening_index::text as "openingIndex", a.closing_index::text as "closingIndex"`;

export async function listAssignments(db: Db, scope: Scope, registerId: number): Promise<Assignment[]> {
  return scoped<Assignment>(
    db,
    scope,
    `
    select ${ASSIGNMENT_COLUMNS}
    from register_assignment a
    join seen_register r on r.id = a.register_id
    where a.register_id = $2
    order by a.starts_at`,
    [registerId],
  );
}

export type AssignmentChange = {
  readonly supplyPointId: number | undefined;
  readonly role: AssignmentRole | undefined;
  /** The instant from which the change holds; `undefined` corrects what is in force for its whole time. */
  readonly fromMs: number | undefined;
  /** `undefined` leaves what is there. */
  readonly openingIndex: string | null | undefined;
  readonly closingIndex: string | null | undefined;
};

export type AssignmentRefusal =
  | IndicesRefusal
  | "unknown_register"
  | "unknown_supply_point"
  | "later_assignment"
  | "other_parts"
  | "outside_is_temperature"
  | "no_beginning"
  | "no_end";

/**
 * Changes to which supply point a register counts, within the caller's transaction, which a refusal must end. A register without an
 * assignment gets its first one. `"unknown_supply_point"`: not seen, or none given where there was none before. `"other_parts"`: only
 * an administrator moves a register between the common parts and a dwelling, or between dwellings. Indices change the profile.
 */
export async function changeAssignment(
  db: Db,
  scope: Scope,
  registerId: number,
  change: AssignmentChange,
): Promise<"changed" | AssignmentRefusal> {
  await holdRegisters(db, [registerId]);
  const seen = await scoped(db, scope, "\nselect id from seen_register where id = $2", [registerId]);
  if (seen.length === 0) return "unknown_register";
  if (change.supplyPointId !== undefined && !(await seesSupplyPoint(db, scope, change.supplyPointId))) {
    return "unknown_supply_point";
  }
  if (change.role !== undefined && !(await suitsRole(db, registerId, change.role)))
    return "outside_is_temperature";
  const from = change.fromMs === undefined ? null : new Date(change.fromMs);
  const current = await assignmentAt(db, registerId, from ?? new Date(scope.atMs));
  if (current !== undefined && scope.role !== "admin") {
    if (!(await samePart(db, current.supplyPointId, change.supplyPointId))) return "other_parts";
  }
  const made = await writeAssignment(db, registerId, current, change, from);
  if (typeof made === "string") return made;
  const { openingIndex, closingIndex } = change;
  const instants = new Set<number>();
  if (openingIndex !== undefined) {
    if (made.beginsMs === null) return "no_beginning";
    instants.add(made.beginsMs);
  }
  if (closingIndex !== undefined) {
    if (made.endsMs === null) return "no_end";
    instants.add(made.endsMs);
  }
  for (const atMs of instants) {
    const refusal = await ruleAssignmentIndices(db, scope, registerId, atMs);
    if (refusal !== undefined) return refusal;
  }
  return "changed";
}

/** Where an opening index belongs, and a closing one; `null`: nowhere, as there is no such end. */
type Ends = { readonly beginsMs: number | null; readonly endsMs: number | null };

async function writeAssignment(
  db: Db,
  registerId: number,
  current: CurrentAssignment | undefined,
  change: AssignmentChange,
  from: Date | null,
): Promise<Ends | "unknown_supply_point" | "later_assignment"> {
  const fromMs = from?.getTime() ?? null;
  if (current === undefined) {
    const refusal = await firstAssignment(db, registerId, change, from);
    return refusal ?? { beginsMs: fromMs, endsMs: null };
  }
  const startsMs = current.startsAt?.getTime() ?? null;
  const isBeginning = startsMs !== null && fromMs !== null && fromMs < startsMs && current.startsWithValues;
  if (fromMs === null || startsMs === fromMs || isBeginning) {
    await correctAssignment(db, current, change, from);
    return { beginsMs: fromMs ?? startsMs, endsMs: current.endsAt?.getTime() ?? null };
  }
  if (current.endsAt !== null) return "later_assignment";
  await db.query("update register_assignment set ends_at = $2, closing_index = $3 where id = $1", [
    current.id,
    from,
    change.closingIndex ?? null,
  ]);
  await db.query(
    `insert into register_assignment (register_id, supply_point_id, role, starts_at, opening_index)
     values ($1, $2, $3, $4, $5)`,
    [
      registerId,
      change.supplyPointId ?? current.supplyPointId,
      change.role ?? current.role,
      from,
      change.openingIndex ?? null,
    ],
  );
  return { beginsMs: fromMs, endsMs: fromMs };
}

/** A temperature does not add up to a load, and nothing else hangs outside. */
async function suitsRole(db: Db, registerId: number, role: AssignmentRole): Promise<boolean> {
  if (role !== "outside") return true;
  const { rows } = await db.query("select 1 from register where id = $1 and quantity = 'temperature'", [
    registerId,
  ]);
  return rows.length === 1;
}

/** Whether both are common, or both of one unit: what a dwelling uses must not appear under anyone else's supply point. */
async function samePart(db: Db, from: number, to: number | undefined): Promise<boolean> {
  const { rows } = await db.query(
    "select distinct scope, unit_id from supply_point where id = $1 or id = $2",
    [from, to ?? from],
  );
  return rows.length === 1;
}

async function seesSupplyPoint(db: Db, scope: Scope, id: number): Promise<boolean> {
  const rows = await scoped(db, scope, "\nselect id from seen_supply_point where id = $2", [id]);
  return rows.length === 1;
}

type CurrentAssignment = Assignment & {
  /** It begins with its register's first value: nobody has said when. */
  readonly startsWithValues: boolean;
};

/** Also one that begins later, where nobody has said when: its register has no other before it. */
async function assignmentAt(db: Db, registerId: number, at: Date): Promise<CurrentAssignment | undefined> {
  const { rows } = await db.query<CurrentAssignment>(
    `select ${ASSIGNMENT_COLUMNS}, a.starts_with_values as "startsWithValues"
     from register_assignment a
     where a.register_id = $1
       and (a.starts_at <= $2 or a.starts_with_values)
       and a.ends_at > $2`,
    [registerId, at],
  );
  return rows[0];
}

async function firstAssignment(
  db: Db,
  registerId: number,
  change: AssignmentChange,
  from: Date | null,
): Promise<"unknown_supply_point" | undefined> {
  if (change.supplyPointId === undefined) return "unknown_supply_point";
  await db.query(
    `insert into register_assignment (register_id, supply_point_id, role, starts_at, opening_index)
     values ($1, $2, $3, coalesce($4, '-infinity'::timestamptz), $5)`,
    [registerId, change.supplyPointId, change.role ?? "main", from, change.openingIndex ?? null],
  );
  return undefined;
}

/** `from`: since when, as a person says. */
async function correctAssignment(
  db: Db,
  current: Assignment,
  change: AssignmentChange,
  from: Date | null,
): Promise<void> {
  await db.query(
    `update register_assignment
     set
       supply_point_id = $2,
       role = $3,
       opening_index = $4,
       closing_index = $5,
       starts_at = case when starts_with_values then coalesce($6, starts_at) else starts_at end,
       starts_with_values = starts_with_values and $6 is null
     where id = $1`,
    [
      current.id,
      change.supplyPointId ?? current.supplyPointId,
      change.role ?? current.role,
      change.openingIndex === undefined ? current.openingIndex : change.openingIndex,
      change.closingIndex === undefined ? current.closingIndex : change.closingIndex,
      from,
    ],
  );
}
