// The load of a supply point held against the rules: what a load shows, all layers together, and what its meters showed.
import { QUARTER_MS } from "#devices/time";
import type { Direction } from "#devices/vocabulary";
import { loadSupplyPointDays, type Db } from "#store";
import { addQuarters } from "../load/add-quarters.ts";
import { civilCalendar } from "../load/civil-days.ts";
import { indexMarks } from "./index-marks.ts";
import { validate, type Finding } from "./rules.ts";

export type ValidationRequest = {
  readonly supplyPointId: number;
  readonly direction: Direction;
  /** Only quarter-hours that are over: what is to come is not missing. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly timezone: string;
  /** Of electricity; `null`: not known, or not what the carrier has. */
  readonly connectionKva: number | null;
};

/** Who may see the supply point is the caller's question. */
export async function validateSupplyPoint(db: Db, request: ValidationRequest): Promise<Finding[]> {
  const { supplyPointId, direction, timezone, connectionKva } = request;
  const { fromMs, toMs, days } = civilCalendar(request.fromMs, request.toMs, timezone);
  if (days.length === 0) return [];
  const series = await loadSupplyPointDays(db, [supplyPointId], { direction, fromMs, toMs });
  const { energies, worst } = addQuarters(series, fromMs, toMs);
  const boundaries = [fromMs, ...days.map((day) => day.toMs)];
  return validate({
    fromMs,
    energies,
    statuses: worst,
    direction,
    connectionKva,
    days: days.map((day) => ({
      first: (day.fromMs - fromMs) / QUARTER_MS,
      end: (day.toMs - fromMs) / QUARTER_MS,
    })),
    marks: await indexMarks(db, supplyPointId, direction, boundaries),
  });
}
