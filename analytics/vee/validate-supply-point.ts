// The load of a supply point held against the rules: what a load shows, all layers together, and what its meters showed.
import { DAY_MS, QUARTER_MS } from "#devices/time";
import { QuarterCode, type Direction } from "#devices/vocabulary";
import {
  duplicateReadings,
  listMainMeters,
  listUnitSlips,
  loadSupplyPointDays,
  spreadDays,
  type Db,
  type MainMeter,
  type SpreadDay,
} from "#store";
import { addQuarters } from "../load/add-quarters.ts";
import { civilCalendar } from "../load/civil-days.ts";
import { slipEdgeOf } from "../profile/decisions.ts";
import { slipSpans } from "../profile/unit-slips.ts";
import { indexMarks } from "./index-marks.ts";
import { validate, type Finding, type Stretch } from "./rules.ts";

export type ValidationRequest = {
  readonly supplyPointId: number;
  readonly direction: Direction;
  /** What its load counts in. */
  readonly unit: "Wh" | "l";
  /** Only quarter-hours that are over: what is to come is not missing. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly timezone: string;
  /** Of electricity; `null`: not known, or not what the carrier has. */
  readonly connectionKva: number | null;
  /** `false`: raw readings are not gone through for several values of one instant, which takes longest. */
  readonly duplicates?: boolean;
};

/** Who may see the supply point is the caller's question. */
export async function validateSupplyPoint(db: Db, request: ValidationRequest): Promise<Finding[]> {
  const { supplyPointId, direction, unit, timezone, connectionKva } = request;
  const { fromMs, toMs, days } = civilCalendar(request.fromMs, request.toMs, timezone);
  if (days.length === 0) return [];
  const query = { direction, fromMs, toMs };
  const series = await loadSupplyPointDays(db, [supplyPointId], query);
  const { energies, worst } = addQuarters(series, fromMs, toMs);
  const boundaries = [fromMs, ...days.map((day) => day.toMs)];
  const meters = await listMainMeters(db, supplyPointId, query);
  return validate({
    fromMs,
    unit,
    energies,
    statuses: worst,
    isSpread: spreadSlots(await spreadDays(db, supplyPointId, query), { fromMs, energies, statuses: worst }),
    direction,
    connectionKva,
    days: days.map((day) => ({
      first: (day.fromMs - fromMs) / QUARTER_MS,
      end: (day.toMs - fromMs) / QUARTER_MS,
    })),
    marks: await indexMarks(db, supplyPointId, direction, boundaries),
    duplicates: request.duplicates === false ? [] : await duplicateReadings(db, meters, query),
    slips: await slipsOf(db, meters, { fromMs, toMs }),
  });
}

/** Of each meter while it counts here. */
async function slipsOf(
  db: Db,
  meters: readonly MainMeter[],
  span: { readonly fromMs: number; readonly toMs: number },
): Promise<Stretch["slips"]> {
  const registerIds = [...new Set(meters.map(({ registerId }) => registerId))];
  const edges = await listUnitSlips(
    db,
    registerIds.map((registerId) => ({ registerId, ...span })),
  );
  return meters.flatMap((meter) =>
    slipSpans(edges.filter(({ registerId }) => registerId === meter.registerId).map(slipEdgeOf)).map(
      ({ fromMs, toMs }) => ({
        fromMs: Math.max(fromMs, meter.fromMs),
        toMs: Math.min(toMs, meter.toMs),
      }),
    ),
  );
}

const INT4_BYTES = 4;

type Shown = {
  readonly fromMs: number;
  readonly energies: ArrayLike<number>;
  readonly statuses: Uint8Array;
};

/** Where the load shows what was spread: a register's own value in its place is not alike by its making. */
function spreadSlots(days: readonly SpreadDay[], { fromMs, energies, statuses }: Shown): Uint8Array {
  const isSpread = new Uint8Array(statuses.length);
  for (const { day, quarters, statuses: own } of days) {
    const origin = (day * DAY_MS - fromMs) / QUARTER_MS;
    for (const [place, status] of own.entries()) {
      const slot = origin + place;
      const isShown =
        statuses[slot] === status && energies[slot] === quarters.readInt32LE(place * INT4_BYTES);
      if (status !== QuarterCode.missing && isShown) isSpread[slot] = 1;
    }
  }
  return isSpread;
}
