// A group as a street: its buildings' windows light up from the left, and a lamp post stands where the minimum is reached.
import { rooflineOf, type Roofline } from "../facade/roofs.ts";
import { ROOFS } from "../facade/windows.ts";

export type CohortHouse = {
  readonly x0: number;
  readonly x1: number;
  readonly topY: number;
  readonly tone: 0 | 1 | 2;
  readonly roof: Roofline;
  readonly lit: boolean;
  readonly panes: readonly {
    readonly x: number;
    readonly y: number;
    readonly lit: boolean;
    readonly level: number;
  }[];
};

export type CohortStreet = {
  readonly houses: readonly CohortHouse[];
  /** Where the post stands whose lamp is lit once enough take part. */
  readonly postX: number;
  readonly reached: boolean;
  readonly width: number;
};

export const COHORT_GROUND_Y = 200;
/** Above so many, a window stands for several buildings. */
const SLOTS_MAX = 140;
const WIDTH = 66;
const POST = 22;
const ROOF_ROOM = 46;
const COLUMNS = 3;
const ROWS_MIN = 2;
const ROWS_MAX = 7;
const PANE_STEP_X = 17;
const PANE_STEP_Y = 20;
/** How much higher than its windows ask each house is, in turn. */
const RISE = [22, 34, 8, 28, 14, 36, 18, 4] as const;

/** `minimum` and `participants` are counts of buildings; a house stands for one, or for several where they are more than `housesMax`. */
export function cohortStreet(participants: number, minimum: number, housesMax = 12): CohortStreet {
  const buildings = Math.max(participants, minimum, 1);
  const slots = Math.min(buildings, SLOTS_MAX);
  const scaled = (count: number): number => Math.floor((count * slots) / buildings);
  const count = Math.min(slots, housesMax);
  const bounds = Array.from({ length: count + 1 }, (_, index) => Math.round((index * slots) / count));
  const minimumSlots = Math.max(1, scaled(minimum));
  const postAfter = bounds.findIndex((bound) => bound >= minimumSlots);
  const houses = bounds.slice(0, -1).map((from, index) => {
    const x0 = index * WIDTH + (index >= postAfter ? POST : 0);
    return houseOf(index, x0, { from, to: bounds[index + 1] ?? from }, scaled(participants));
  });
  return {
    houses,
    postX: postAfter * WIDTH + POST / 2,
    reached: participants >= minimum,
    width: count * WIDTH + POST,
  };
}

function houseOf(
  index: number,
  x0: number,
  slots: { readonly from: number; readonly to: number },
  litSlots: number,
): CohortHouse {
  const own = slots.to - slots.from;
  const rows = Math.min(ROWS_MAX, Math.max(ROWS_MIN, Math.ceil(own / COLUMNS)));
  const wallHeight = 26 + rows * PANE_STEP_Y + (RISE[index % RISE.length] ?? 0) * (rows > 4 ? 0.3 : 1);
  const topY = Math.max(ROOF_ROOM, COHORT_GROUND_Y - wallHeight);
  const x1 = x0 + WIDTH;
  const paneCount = rows * COLUMNS;
  const panes = Array.from({ length: paneCount }, (_, pane) => ({
    x: x0 + 11 + (pane % COLUMNS) * PANE_STEP_X,
    y: topY + 9 + Math.floor(pane / COLUMNS) * PANE_STEP_Y,
    // A house of one building is lit as a whole; of several, window by window.
    lit: slots.from + Math.floor((pane * own) / paneCount) < litSlots,
    level: 0.55 + 0.45 * (((index * 7 + pane * 5) % 9) / 8),
  }));
  return {
    x0,
    x1,
    topY,
    tone: ([1, 0, 2] as const)[index % 3] ?? 0,
    roof: rooflineOf(ROOFS[(index * 3 + 1) % ROOFS.length] ?? "flat", { x0, x1 }, topY, true),
    lit: slots.from < litSlots,
    panes,
  };
}
