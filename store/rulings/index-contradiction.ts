// Whether readings say that an index cannot have ended, or begun, where somebody says that it did.
import { toMilli } from "#devices/units";
import type { Db } from "../pool.ts";
import { indexValuesBeyond } from "../profiles/index-values.ts";

export type IndexContradiction = "closing_behind_reading" | "opening_ahead_of_reading";

/** `index`: decimal text in the register's unit. */
export type EdgeIndex = {
  readonly deviceId: number;
  readonly registerId: number;
  readonly unit: string;
  readonly index: string;
};

/**
 * An index only climbs: what was read before is no more than the closing index, what was read after no less than the opening one.
 * One reading may be a glitch, so two must say so where there are two.
 */
export async function indexContradiction(
  db: Db,
  atMs: number,
  edges: { readonly closing?: EdgeIndex | undefined; readonly opening?: EdgeIndex | undefined },
): Promise<IndexContradiction | undefined> {
  const { closing, opening } = edges;
  if (closing !== undefined && (await isDenied(db, atMs, "before", closing))) return "closing_behind_reading";
  if (opening !== undefined && (await isDenied(db, atMs, "after", opening)))
    return "opening_ahead_of_reading";
  return undefined;
}

const WITNESSES = 2;

async function isDenied(
  db: Db,
  atMs: number,
  side: "before" | "after",
  { deviceId, registerId, unit, index }: EdgeIndex,
): Promise<boolean> {
  const need = { deviceId, side, atMs, registerIds: [registerId], counts: () => true };
  const [found] = await indexValuesBeyond(db, [need]);
  const nearest = [...(found?.get(registerId) ?? [])]
    .sort((left, right) => Math.abs(left.atMs - atMs) - Math.abs(right.atMs - atMs))
    .slice(0, WITNESSES);
  const edge = toMilli(index, unit);
  return (
    nearest.length > 0 &&
    nearest.every(({ value }) =>
      side === "before" ? toMilli(value, unit) > edge : toMilli(value, unit) < edge,
    )
  );
}
