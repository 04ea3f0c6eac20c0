// What the meters of a supply point showed at the boundaries of its days: the witness of the sum check, from raw readings.
import type { Direction } from "#devices/vocabulary";
import {
  indexValuesBeyond,
  listMainMeters,
  listUnallocated,
  listUnitSlips,
  type Db,
  type IndexValue,
  type MainMeter,
  type Unallocated,
} from "#store";
import { slipEdgeOf } from "../profile/decisions.ts";
import { indexClaim, settleReadings, wholeUnits } from "../profile/index-reading.ts";
import { slipAt } from "../profile/unit-slips.ts";
import type { IndexMark } from "./rules.ts";

/** Between readings further apart than this the index is not known (the same bound as for `measured`). */
const APART_MAX_MS = 900_000;

/** Energy that these name is metered, and the index runs through them. */
const RUNNING = new Set(["gap", "partial", "glitch"]);

/**
 * At each of `boundaries`, in order, the sum of the indices of the registers that are main there, Wh or l; none where one of
 * them is not known. Marks on two sides of a reset, a swap or another set of registers belong to different series.
 */
export async function indexMarks(
  db: Db,
  supplyPointId: number,
  direction: Direction,
  boundaries: readonly number[],
): Promise<IndexMark[]> {
  const fromMs = boundaries[0];
  const lastMs = boundaries.at(-1);
  if (fromMs === undefined || lastMs === undefined || fromMs === lastMs) return [];
  const toMs = lastMs + 1;
  const meters = await listMainMeters(db, supplyPointId, { direction, fromMs, toMs });
  const asked = meters.flatMap((meter) =>
    // At its end a register may still be held against its beginning.
    boundaries.filter((atMs) => atMs >= meter.fromMs && atMs <= meter.toMs).map((atMs) => ({ meter, atMs })),
  );
  const registerIds = [...new Set(meters.map(({ registerId }) => registerId))];
  const spans = registerIds.map((registerId) => ({ registerId, fromMs, toMs }));
  const pieces = Map.groupBy(await listUnallocated(db, spans), ({ registerId }) => registerId);
  const told = Map.groupBy(await listUnitSlips(db, spans), ({ registerId }) => registerId);
  const slips = new Map(Array.from(told, ([registerId, edges]) => [registerId, edges.map(slipEdgeOf)]));
  const around = await indexValuesBeyond(
    db,
    asked.flatMap(({ meter, atMs }) => [needOf(meter, "before", atMs + 1), needOf(meter, "after", atMs - 1)]),
  );
  const known = asked.map(({ meter, atMs }, place) => {
    const { registerId, unit } = meter;
    const edges = slips.get(registerId) ?? [];
    const values = [around[2 * place], around[2 * place + 1]]
      .flatMap((one) => one?.get(registerId) ?? [])
      .filter((value) => slipAt(edges, value.atMs) === undefined);
    return markOf(registerId, atMs, indexAt(values, unit, atMs), pieces.get(registerId) ?? []);
  });
  return [...Map.groupBy(known, ({ atMs }) => atMs)]
    .flatMap(([atMs, marks]) => sumOf(atMs, marks))
    .sort((one, other) => one.atMs - other.atMs);
}

function needOf({ deviceId, registerId }: MainMeter, side: "before" | "after", atMs: number) {
  return { deviceId, side, atMs, registerIds: [registerId], counts: () => true };
}

function indexAt(values: readonly IndexValue[], unit: string, atMs: number): number | undefined {
  const readings = settleReadings(
    values.flatMap(({ atMs: instant, clock, value }) => indexClaim(instant, clock, value, unit) ?? []),
  );
  const before = readings.findLast((reading) => reading.atMs <= atMs);
  const after = readings.find((reading) => reading.atMs >= atMs);
  if (before === undefined || after === undefined || after.atMs - before.atMs > APART_MAX_MS)
    return undefined;
  if (before.atMs === after.atMs) return wholeUnits(before.milli);
  const share = (atMs - before.atMs) / (after.atMs - before.atMs);
  return wholeUnits(Math.round(before.milli + (after.milli - before.milli) * share));
}

type RegisterMark = { readonly atMs: number; readonly index: number | undefined; readonly series: string };

/** A boundary inside a glitch or a break has no index that could be trusted; each break before it begins another series. */
function markOf(
  registerId: number,
  atMs: number,
  index: number | undefined,
  pieces: readonly Unallocated[],
): RegisterMark {
  const isDoubtful = pieces.some(
    ({ cause, fromMs, toMs }) => cause !== "gap" && cause !== "partial" && fromMs <= atMs && toMs >= atMs,
  );
  const breaks = pieces.filter(({ cause, toMs }) => !RUNNING.has(cause) && toMs <= atMs).length;
  return { atMs, index: isDoubtful ? undefined : index, series: `${registerId}/${breaks}` };
}

function sumOf(atMs: number, marks: readonly RegisterMark[]): IndexMark[] {
  let sum = 0;
  for (const { index } of marks) {
    if (index === undefined) return [];
    sum += index;
  }
  const series = marks.map((mark) => mark.series).join();
  return [{ atMs, index: sum, series }];
}
