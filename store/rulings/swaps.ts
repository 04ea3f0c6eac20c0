// Meters swapped at a supply point: recorded in one transaction with the two assignments, and taken back.
import { QUARTER_MS } from "#devices/time";
import type { AssignmentRole, Direction } from "#devices/vocabulary";
import { holdRegisters } from "../directory/hold-registers.ts";
import { scoped, type Scope } from "../directory/scope.ts";
import { sqlText, type Db } from "../pool.ts";
import { indexContradiction, type IndexContradiction } from "./index-contradiction.ts";
import { isSameIndex, listRulings, recordRuling, withdrawRulings } from "./rulings.ts";

/** A register of the supply point's profile, once per assignment to it. */
export type SwapRegister = {
  readonly supplyPointId: number;
  readonly id: number;
  readonly deviceId: number;
  readonly name: string;
  readonly equipmentId: string;
  readonly quantity: string;
  readonly unit: string;
  readonly direction: Direction | null;
  readonly tariff: string | null;
  /** `null`: of the same device, assigned to nothing. */
  readonly assignmentId: number | null;
  readonly role: AssignmentRole | null;
  readonly startsMs: number | null;
  /** Nobody said when: with its first value. */
  readonly startsWithValues: boolean;
  readonly endsMs: number | null;
  /** UTC days since 1970; `null` where nothing was computed yet. */
  readonly firstDay: number | null;
  readonly lastDay: number | null;
};

const REGISTERS = sqlText(import.meta.url, "./swap-registers.sql");
const PUT_BACK_NEW = sqlText(import.meta.url, "./put-back-new.sql");

type RegisterRow = {
  supply_point_id: number;
  id: number;
  device_id: number;
  name: string;
  equipment_id: string;
  quantity: string;
  unit: string;
  direction: Direction | null;
  tariff: string | null;
  assignment_id: number | null;
  role: AssignmentRole | null;
  starts_ms: number | null;
  starts_with_values: boolean | null;
  ends_ms: number | null;
  first_day: number | null;
  last_day: number | null;
};

/** By supply point, register and time. */
export async function listSwapRegisters(db: Db, supplyPointIds: readonly number[]): Promise<SwapRegister[]> {
  const { rows } = await db.query<RegisterRow>({
    name: "swap-registers",
    text: REGISTERS,
    values: [supplyPointIds],
  });
  return rows.map((row) => ({
    supplyPointId: row.supply_point_id,
    id: row.id,
    deviceId: row.device_id,
    name: row.name,
    equipmentId: row.equipment_id,
    quantity: row.quantity,
    unit: row.unit,
    direction: row.direction,
    tariff: row.tariff,
    assignmentId: row.assignment_id,
    role: row.role,
    startsMs: row.starts_ms,
    startsWithValues: row.starts_with_values ?? false,
    endsMs: row.ends_ms,
    firstDay: row.first_day,
    lastDay: row.last_day,
  }));
}

export type NewSwap = {
  readonly supplyPointId: number;
  readonly atMs: number;
  /** Decimal text in each register's unit. */
  readonly closingIndex: string;
  readonly openingIndex: string;
  readonly oldRegisterId: number;
  /** The same where the device tells no serial. */
  readonly newRegisterId: number;
  readonly reason: string;
};

export type SwapRefusal =
  | "old_register_unknown"
  | "new_register_unknown"
  | "old_not_in_force"
  | "registers_differ"
  | IndexContradiction
  | "swap_too_close";

export type SwapOutcome =
  | { readonly outcome: "recorded" | "corrected" | "known"; readonly id: number }
  | { readonly outcome: SwapRefusal };

/**
 * Within the caller's transaction. The same swap again is the one that is known; with other indices it is corrected. The new
 * assignment begins with the quarter-hour of the swap, so that both registers count in it: each stands still in the part that is
 * the other's (analytics/profile).
 */
export async function recordSwap(db: Db, scope: Scope, swap: NewSwap): Promise<SwapOutcome> {
  const ids = [swap.oldRegisterId, swap.newRegisterId];
  await holdRegisters(db, ids);
  const registers = await listSwapRegisters(db, [swap.supplyPointId]);
  const before = registers.find(
    ({ id, startsMs, endsMs }) =>
      id === swap.oldRegisterId && startsMs !== null && startsMs < swap.atMs && (endsMs ?? 0) >= swap.atMs,
  );
  if (before === undefined) {
    const isKnown = registers.some(({ id }) => id === swap.oldRegisterId);
    return { outcome: isKnown ? "old_not_in_force" : "old_register_unknown" };
  }
  const after = registers.findLast(
    ({ id, endsMs }) => id === swap.newRegisterId && (endsMs === null || endsMs > swap.atMs),
  );
  if (after === undefined && before.id !== swap.newRegisterId) return { outcome: "new_register_unknown" };
  const other = after ?? before;
  if (other.quantity !== before.quantity || (other.direction ?? "import") !== (before.direction ?? "import"))
    return { outcome: "registers_differ" };
  const refusal = await indexContradiction(db, swap.atMs, {
    closing: {
      deviceId: before.deviceId,
      registerId: before.id,
      unit: before.unit,
      index: swap.closingIndex,
    },
    opening: { deviceId: other.deviceId, registerId: other.id, unit: other.unit, index: swap.openingIndex },
  });
  if (refusal !== undefined) return { outcome: refusal };
  const known = await knownSwap(db, swap);
  if (known !== undefined) {
    const same =
      isSameIndex(known.closingIndex, swap.closingIndex) &&
      isSameIndex(known.openingIndex, swap.openingIndex);
    if (same) return { outcome: "known", id: known.id };
    await withdrawSwapRulings(db, scope, known.id);
  }
  if (await isTooClose(db, swap, ids)) return { outcome: "swap_too_close" };
  const rulings = await ruleSwap(db, scope, swap);
  if (known !== undefined) {
    await correctSwap(db, swap, known.id, rulings);
    return { outcome: "corrected", id: known.id };
  }
  return { outcome: "recorded", id: await insertSwap(db, scope, swap, before, other, rulings) };
}

async function isTooClose(db: Db, swap: NewSwap, registerIds: readonly number[]): Promise<boolean> {
  return (await listRulings(db, registerIds)).some(
    ({ fromMs, toMs, closingIndex, openingIndex }) =>
      fromMs === toMs &&
      (closingIndex !== null || openingIndex !== null) &&
      Math.abs(fromMs - swap.atMs) <= QUARTER_MS,
  );
}

type Rulings = { readonly closing: number; readonly opening: number };

async function ruleSwap(db: Db, scope: Scope, swap: NewSwap): Promise<Rulings> {
  const head = {
    kind: "swap",
    fromMs: swap.atMs,
    toMs: swap.atMs,
    reason: swap.reason,
    accountId: scope.accountId,
    atMs: scope.atMs,
  } as const;
  const { closingIndex, openingIndex } = swap;
  if (swap.oldRegisterId === swap.newRegisterId) {
    const one = await recordRuling(db, {
      ...head,
      registerId: swap.oldRegisterId,
      closingIndex,
      openingIndex,
    });
    return { closing: one.id, opening: one.id };
  }
  const old = { ...head, registerId: swap.oldRegisterId, closingIndex, openingIndex: null };
  const young = { ...head, registerId: swap.newRegisterId, closingIndex: null, openingIndex };
  return { closing: (await recordRuling(db, old)).id, opening: (await recordRuling(db, young)).id };
}

async function insertSwap(
  db: Db,
  scope: Scope,
  swap: NewSwap,
  before: SwapRegister,
  after: SwapRegister,
  rulings: Rulings,
): Promise<number> {
  const at = new Date(swap.atMs);
  let opened: number | null = null;
  if (before.id !== after.id) {
    await db.query("update register_assignment set ends_at = $2, closing_index = $3 where id = $1", [
      before.assignmentId,
      at,
      swap.closingIndex,
    ]);
    opened = await openAssignment(db, swap, before, after);
  }
  const { rows } = await db.query<{ id: number }>(
    `insert into meter_swap (
       supply_point_id, old_register_id, new_register_id, swapped_at, closing_index, opening_index, closing_ruling_id,
       opening_ruling_id, old_assignment_id, new_assignment_id, old_ended_at, new_started_at, new_started_with_values,
       recorded_by, recorded_at
     )
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
     returning id`,
    [
      swap.supplyPointId,
      before.id,
      after.id,
      at,
      swap.closingIndex,
      swap.openingIndex,
      rulings.closing,
      rulings.opening,
      opened === null ? null : before.assignmentId,
      opened,
      opened === null ? null : instantOf(before.endsMs),
      opened === null ? null : instantOf(after.startsMs),
      opened !== null && after.startsWithValues,
      scope.accountId,
      new Date(scope.atMs),
    ],
  );
  return rows[0]?.id ?? 0;
}

async function openAssignment(
  db: Db,
  swap: NewSwap,
  before: SwapRegister,
  after: SwapRegister,
): Promise<number> {
  const from = new Date(Math.floor(swap.atMs / QUARTER_MS) * QUARTER_MS);
  const { rows } =
    after.assignmentId === null
      ? await db.query<{ id: number }>(
          `insert into register_assignment (register_id, supply_point_id, role, starts_at, opening_index)
           values ($1, $2, $3, $4, $5)
           returning id`,
          [after.id, swap.supplyPointId, before.role, from, swap.openingIndex],
        )
      : await db.query<{ id: number }>(
          `update register_assignment
           set starts_at = $2, starts_with_values = false, opening_index = $3, role = $4
           where id = $1
           returning id`,
          [after.assignmentId, from, swap.openingIndex, before.role],
        );
  return rows[0]?.id ?? 0;
}

function instantOf(instantMs: number | null): string | null {
  if (instantMs === null) return null;
  if (!Number.isFinite(instantMs)) return instantMs < 0 ? "-infinity" : "infinity";
  return new Date(instantMs).toISOString();
}

type KnownSwap = { readonly id: number; readonly closingIndex: string; readonly openingIndex: string };

/** In force, between the same registers at the same instant. */
async function knownSwap(db: Db, swap: NewSwap): Promise<KnownSwap | undefined> {
  const { rows } = await db.query<KnownSwap>(
    `select s.id, s.closing_index::text as "closingIndex", s.opening_index::text as "openingIndex"
     from meter_swap s
     join register_ruling c on c.id = s.closing_ruling_id and c.withdrawn_at is null
     join register_ruling o on o.id = s.opening_ruling_id and o.withdrawn_at is null
     where s.supply_point_id = $1
       and s.old_register_id = $2
       and s.new_register_id = $3
       and s.swapped_at = $4`,
    [swap.supplyPointId, swap.oldRegisterId, swap.newRegisterId, new Date(swap.atMs)],
  );
  return rows[0];
}

async function correctSwap(db: Db, swap: NewSwap, id: number, rulings: Rulings): Promise<void> {
  await db.query(
    `update meter_swap
     set closing_index = $2, opening_index = $3, closing_ruling_id = $4, opening_ruling_id = $5
     where id = $1`,
    [id, swap.closingIndex, swap.openingIndex, rulings.closing, rulings.opening],
  );
  await db.query(
    `update register_assignment a
     set
       closing_index = case when a.id = s.old_assignment_id then s.closing_index else a.closing_index end,
       opening_index = case when a.id = s.new_assignment_id then s.opening_index else a.opening_index end
     from meter_swap s
     where s.id = $1
       and a.id in (s.old_assignment_id, s.new_assignment_id)`,
    [id],
  );
}

async function withdrawSwapRulings(db: Db, scope: Scope, id: number): Promise<void> {
  const { rows } = await db.query<{ closing: number; opening: number }>(
    "select closing_ruling_id as closing, opening_ruling_id as opening from meter_swap where id = $1",
    [id],
  );
  const [rulings] = rows;
  if (rulings === undefined) return;
  await withdrawRulings(db, [rulings.closing, rulings.opening], {
    accountId: scope.accountId,
    atMs: scope.atMs,
  });
}

/** Within the caller's transaction: rulings withdrawn, assignments as they were. `false`: there is none in force. */
export async function withdrawSwap(
  db: Db,
  scope: Scope,
  supplyPointId: number,
  id: number,
): Promise<boolean> {
  const { rows } = await db.query<{ registers: number[] }>(
    "select array[old_register_id, new_register_id] as registers from meter_swap where id = $1",
    [id],
  );
  await holdRegisters(db, rows[0]?.registers ?? []);
  const found = await scoped(
    db,
    scope,
    `
    select s.id
    from meter_swap s
    join seen_supply_point p on p.id = s.supply_point_id
    join register_ruling c on c.id = s.closing_ruling_id and c.withdrawn_at is null
    where s.id = $2
      and s.supply_point_id = $3`,
    [id, supplyPointId],
  );
  if (found.length === 0) return false;
  await withdrawSwapRulings(db, scope, id);
  await db.query(PUT_BACK_NEW, [id]);
  await db.query(
    `delete from register_assignment a
     using meter_swap s
     where s.id = $1 and a.id = s.new_assignment_id and s.new_started_at is null`,
    [id],
  );
  await db.query(
    `update register_assignment a
     set ends_at = s.old_ended_at, closing_index = null
     from meter_swap s
     where s.id = $1 and a.id = s.old_assignment_id`,
    [id],
  );
  return true;
}
