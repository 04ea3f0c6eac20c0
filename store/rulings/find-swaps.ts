// The swaps of supply points: those recorded, and those that the readings make suspect.
import { createHash } from "node:crypto";
import { DAY_MS } from "#devices/time";
import type { Direction } from "#devices/vocabulary";
import { scoped, type Scope } from "../directory/scope.ts";
import { sqlText, type Db } from "../pool.ts";
import { indexValuesBeyond } from "../profiles/index-values.ts";
import { listSwapRegisters, type SwapRegister } from "./swaps.ts";

export type Swap = {
  /** `null`: suspected. */
  readonly id: number | null;
  /** Suspected: the same for all registers of one meter, as they came and went together; recorded: `null`. */
  readonly key: string | null;
  readonly supplyPointId: number;
  readonly atMs: number;
  /** Suspected: the last reading before; the meter was changed between the two. */
  readonly sinceMs: number | null;
  readonly oldRegisterId: number;
  readonly newRegisterId: number;
  readonly oldEquipmentId: string;
  readonly newEquipmentId: string;
  /** Decimal text in each register's unit. */
  readonly closingIndex: string;
  readonly openingIndex: string;
  readonly closingUnit: string;
  readonly openingUnit: string;
  /** What the register counts: its name, as the OBIS code, and which part of it. */
  readonly name: string;
  readonly tariff: string | null;
  readonly direction: Direction | null;
};

export async function findRecordedSwaps(
  db: Db,
  scope: Scope,
  supplyPointIds: readonly number[],
): Promise<Swap[]> {
  return scoped<Swap>(
    db,
    scope,
    `
    select
      s.id, null as key, s.supply_point_id as "supplyPointId", (extract(epoch from s.swapped_at) * 1000)::float8 as "atMs",
      null::float8 as "sinceMs", s.old_register_id as "oldRegisterId", s.new_register_id as "newRegisterId",
      old.equipment_id as "oldEquipmentId", young.equipment_id as "newEquipmentId",
      s.closing_index::text as "closingIndex", s.opening_index::text as "openingIndex",
      old.unit as "closingUnit", young.unit as "openingUnit", old.name, old.tariff, old.direction
    from meter_swap s
    join seen_supply_point p on p.id = s.supply_point_id
    join register old on old.id = s.old_register_id
    join register young on young.id = s.new_register_id
    join register_ruling c on c.id = s.closing_ruling_id and c.withdrawn_at is null
    where s.supply_point_id = any ($2::integer[])
      and p.measured
    order by s.swapped_at, s.id`,
    [supplyPointIds],
  );
}

const FALLS = sqlText(import.meta.url, "./suspected-falls.sql");
/** So many falls of a register without a word from anyone are enough to look at. */
const FALLS_MAX = 50;

type Fall = Pick<Swap, "atMs" | "sinceMs" | "closingIndex" | "openingIndex"> & { readonly id: number };

/**
 * A register with another serial under the same name of a device, or of the same kind at the supply point, which speaks since the
 * one before it has been silent; and an index that fell to another level (a decision `swap` of the rules). Filled in from the
 * readings on either side. Reads: a caller has looked whether the viewer may see what the supply points measure.
 */
export async function findSuspectedSwaps(db: Db, supplyPointIds: readonly number[]): Promise<Swap[]> {
  const registers = await listSwapRegisters(db, supplyPointIds);
  const pairs = await openPairs(db, pairsOf(registers));
  const ends = await endsOf(db, pairs);
  const between = pairs.flatMap(({ old, young }): Swap[] => {
    const last = ends.last.get(old.id);
    const first = ends.first.get(young.id);
    if (last === undefined || first === undefined || last.atMs >= first.atMs) return [];
    return [
      suspicion(old, young, {
        atMs: first.atMs,
        sinceMs: last.atMs,
        closingIndex: last.value,
        openingIndex: first.value,
      }),
    ];
  });
  return [...nearest(between, ends.last), ...(await suspectedFalls(db, registers))].sort(
    (left, right) => left.atMs - right.atMs,
  );
}

function suspicion(
  old: SwapRegister,
  young: SwapRegister,
  seen: Pick<Swap, "atMs" | "sinceMs" | "closingIndex" | "openingIndex">,
): Swap {
  return {
    id: null,
    key: keyOf(old, young, seen.atMs),
    supplyPointId: old.supplyPointId,
    ...seen,
    oldRegisterId: old.id,
    newRegisterId: young.id,
    oldEquipmentId: old.equipmentId,
    newEquipmentId: young.equipmentId,
    closingUnit: old.unit,
    openingUnit: young.unit,
    name: old.name,
    tariff: old.tariff,
    direction: old.direction,
  };
}

/** A meter is known by its device and serial, and all of its registers begin at one instant. */
function keyOf(old: SwapRegister, young: SwapRegister, atMs: number): string {
  const meter = [old.supplyPointId, old.deviceId, old.equipmentId, young.deviceId, young.equipmentId, atMs];
  return createHash("sha256").update(JSON.stringify(meter)).digest("base64url").slice(0, KEY_LENGTH);
}

const KEY_LENGTH = 16;

type Pair = { readonly old: SwapRegister; readonly young: SwapRegister };

function pairsOf(registers: readonly SwapRegister[]): Pair[] {
  return registers
    .filter(({ assignmentId, endsMs }) => assignmentId !== null && endsMs === Infinity)
    .flatMap((old) => registers.filter((young) => isSuccessor(old, young)).map((young) => ({ old, young })));
}

function isSuccessor(old: SwapRegister, young: SwapRegister): boolean {
  return (
    young.supplyPointId === old.supplyPointId &&
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
  const { rows } = await db.query<Fall>({
    name: "suspected-falls",
    text: FALLS,
    values: [[...new Set(assigned.map(({ id }) => id))], FALLS_MAX],
  });
  return rows.flatMap(({ id, ...seen }) => {
    const register = assigned.findLast(
      (one) =>
        one.id === id && (one.startsMs ?? -Infinity) < seen.atMs && (one.endsMs ?? Infinity) >= seen.atMs,
    );
    return register === undefined ? [] : [suspicion(register, register, seen)];
  });
}

/** `false`: they are not two registers of this supply point. Said again it changes nothing. */
export async function dismissSwap(
  db: Db,
  scope: Scope,
  supplyPointId: number,
  pair: { readonly oldRegisterId: number; readonly newRegisterId: number },
): Promise<boolean> {
  const known = new Set((await listSwapRegisters(db, [supplyPointId])).map(({ id }) => id));
  if (!known.has(pair.oldRegisterId) || !known.has(pair.newRegisterId)) return false;
  await db.query(
    `insert into dismissed_swap (old_register_id, new_register_id, dismissed_by, dismissed_at)
     values ($1, $2, $3, $4)
     on conflict do nothing`,
    [pair.oldRegisterId, pair.newRegisterId, scope.accountId, new Date(scope.atMs)],
  );
  return true;
}
