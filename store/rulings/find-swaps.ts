// The swaps of a supply point: those recorded, and those that the readings make suspect.
import { DAY_MS } from "#devices/time";
import { scoped, type Scope } from "../directory/scope.ts";
import type { Db } from "../pool.ts";
import { indexValuesBeyond } from "../profiles/index-values.ts";
import { listSwapRegisters, type SwapRegister } from "./swaps.ts";

export type Swap = {
  /** `null`: suspected. */
  readonly id: number | null;
  readonly atMs: number;
  readonly oldRegisterId: number;
  readonly newRegisterId: number;
  readonly oldEquipmentId: string;
  readonly newEquipmentId: string;
  /** Decimal text in each register's unit. */
  readonly closingIndex: string;
  readonly openingIndex: string;
};

export async function findRecordedSwaps(db: Db, scope: Scope, supplyPointId: number): Promise<Swap[]> {
  return scoped<Swap>(
    db,
    scope,
    `
    select
      s.id, (extract(epoch from s.swapped_at) * 1000)::float8 as "atMs", s.old_register_id as "oldRegisterId",
      s.new_register_id as "newRegisterId", old.equipment_id as "oldEquipmentId", young.equipment_id as "newEquipmentId",
      s.closing_index::text as "closingIndex", s.opening_index::text as "openingIndex"
    from meter_swap s
    join seen_supply_point p on p.id = s.supply_point_id
    join register old on old.id = s.old_register_id
    join register young on young.id = s.new_register_id
    join register_ruling c on c.id = s.closing_ruling_id and c.withdrawn_at is null
    where s.supply_point_id = $2
    order by s.swapped_at, s.id`,
    [supplyPointId],
  );
}

/** So many falls without a word from anyone are enough to look at. */
const FALLS_MAX = 50;

/**
 * A register with another serial under the same name of a device, or of the same kind at the supply point, which speaks since the
 * one before it has been silent; and an index that fell to another level (a decision `swap` of the rules). Filled in from the
 * readings on either side. Reads: a caller has looked whether the viewer may see what the supply point measures.
 */
export async function findSuspectedSwaps(db: Db, supplyPointId: number): Promise<Swap[]> {
  const registers = await listSwapRegisters(db, supplyPointId);
  const pairs = await openPairs(db, pairsOf(registers));
  const ends = await endsOf(db, pairs);
  const between = pairs.flatMap(({ old, young }): Swap[] => {
    const last = ends.last.get(old.id);
    const first = ends.first.get(young.id);
    if (last === undefined || first === undefined || last.atMs >= first.atMs) return [];
    return [
      {
        id: null,
        atMs: first.atMs,
        oldRegisterId: old.id,
        newRegisterId: young.id,
        oldEquipmentId: old.equipmentId,
        newEquipmentId: young.equipmentId,
        closingIndex: last.value,
        openingIndex: first.value,
      },
    ];
  });
  return [...nearest(between, ends.last), ...(await suspectedFalls(db, registers))].sort(
    (left, right) => left.atMs - right.atMs,
  );
}

type Pair = { readonly old: SwapRegister; readonly young: SwapRegister };

function pairsOf(registers: readonly SwapRegister[]): Pair[] {
  return registers
    .filter(({ assignmentId, endsMs }) => assignmentId !== null && endsMs === Infinity)
    .flatMap((old) => registers.filter((young) => isSuccessor(old, young)).map((young) => ({ old, young })));
}

function isSuccessor(old: SwapRegister, young: SwapRegister): boolean {
  return (
    young.id !== old.id &&
    young.equipmentId !== old.equipmentId &&
    young.quantity === old.quantity &&
    young.direction === old.direction &&
    young.tariff === old.tariff &&
    (young.deviceId === old.deviceId ? young.name === old.name : young.assignmentId !== null)
  );
}

/** Without those that somebody recorded, or said to be none. */
async function openPairs(db: Db, pairs: readonly Pair[]): Promise<Pair[]> {
  if (pairs.length === 0) return [];
  const { rows } = await db.query<{ old: number; young: number }>(
    `select s.old_register_id as old, s.new_register_id as young
     from meter_swap s
     join register_ruling c on c.id = s.closing_ruling_id and c.withdrawn_at is null
     where s.old_register_id = any ($1::integer[])
     union all
     select old_register_id, new_register_id
     from dismissed_swap
     where old_register_id = any ($1::integer[])`,
    [pairs.map(({ old }) => old.id)],
  );
  const settled = new Set(rows.map(({ old, young }) => `${old} ${young}`));
  return pairs.filter(({ old, young }) => !settled.has(`${old.id} ${young.id}`));
}

type End = { readonly atMs: number; readonly value: string };
type Ends = { readonly last: ReadonlyMap<number, End>; readonly first: ReadonlyMap<number, End> };

/** The last reading of each older register, the first of each younger one. */
async function endsOf(db: Db, pairs: readonly Pair[]): Promise<Ends> {
  const counts = () => true;
  const olds = [...new Map(pairs.map(({ old }) => [old.id, old])).values()];
  const youngs = [...new Map(pairs.map(({ young }) => [young.id, young])).values()];
  const needs = [
    ...olds.map(({ id, deviceId, lastDay }) => ({
      deviceId,
      side: "before" as const,
      atMs: ((lastDay ?? 0) + 2) * DAY_MS,
      registerIds: [id],
      counts,
    })),
    ...youngs.map(({ id, deviceId, firstDay }) => ({
      deviceId,
      side: "after" as const,
      atMs: ((firstDay ?? 0) - 1) * DAY_MS,
      registerIds: [id],
      counts,
    })),
  ];
  const found = needs.length === 0 ? [] : await indexValuesBeyond(db, needs);
  const last = new Map<number, End>();
  const first = new Map<number, End>();
  for (const [at, { side, registerIds }] of needs.entries()) {
    const [id = 0] = registerIds;
    const values = [...(found[at]?.get(id) ?? [])].sort((left, right) => left.atMs - right.atMs);
    const end = side === "before" ? values.at(-1) : values[0];
    if (end !== undefined) (side === "before" ? last : first).set(id, end);
  }
  return { last, first };
}

/** Of several in a row each follows the one before it: the youngest that ended before it began, and the first to come. */
function nearest(swaps: readonly Swap[], last: Ends["last"]): Swap[] {
  const lastOf = ({ oldRegisterId }: Swap) => last.get(oldRegisterId)?.atMs ?? -Infinity;
  return swaps.filter((swap) =>
    swaps.every(
      (other) =>
        (other.newRegisterId !== swap.newRegisterId || lastOf(other) <= lastOf(swap)) &&
        (other.oldRegisterId !== swap.oldRegisterId || other.atMs >= swap.atMs),
    ),
  );
}

async function suspectedFalls(db: Db, registers: readonly SwapRegister[]): Promise<Swap[]> {
  const assigned = registers.filter(({ assignmentId }) => assignmentId !== null);
  const { rows } = await db.query<{ id: number; at_ms: number; closing: string; opening: string }>(
    `select
       register_id as id,
       (extract(epoch from to_at) * 1000)::float8 as at_ms,
       from_index::text as closing,
       to_index::text as opening
     from register_decision
     where register_id = any ($1::integer[])
       and kind = 'swap'
       and ruling_id is null
     order by from_at desc
     limit $2`,
    [assigned.map(({ id }) => id), FALLS_MAX],
  );
  return rows.map(({ id, at_ms, closing, opening }) => {
    const equipmentId = assigned.find((register) => register.id === id)?.equipmentId ?? "";
    return {
      id: null,
      atMs: at_ms,
      oldRegisterId: id,
      newRegisterId: id,
      oldEquipmentId: equipmentId,
      newEquipmentId: equipmentId,
      closingIndex: closing,
      openingIndex: opening,
    };
  });
}

/** `false`: they are not two registers of this supply point. Said again it changes nothing. */
export async function dismissSwap(
  db: Db,
  scope: Scope,
  supplyPointId: number,
  pair: { readonly oldRegisterId: number; readonly newRegisterId: number },
): Promise<boolean> {
  const known = new Set((await listSwapRegisters(db, supplyPointId)).map(({ id }) => id));
  if (!known.has(pair.oldRegisterId) || !known.has(pair.newRegisterId)) return false;
  await db.query(
    `insert into dismissed_swap (old_register_id, new_register_id, dismissed_by, dismissed_at)
     values ($1, $2, $3, $4)
     on conflict do nothing`,
    [pair.oldRegisterId, pair.newRegisterId, scope.accountId, new Date(scope.atMs)],
  );
  return true;
}
