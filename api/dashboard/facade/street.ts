// A street of façades for the login page: drawn from a fixed seed, so that everyone sees the same street.
import { rooflineOf, type Roofline } from "./roofs.ts";
import type { FacadeWindow, Roof } from "./windows.ts";

export type StreetWindow = {
  readonly x: number;
  readonly y: number;
  readonly state: FacadeWindow["state"];
  readonly level: number;
  /** Seconds after which it lights. */
  readonly delayS: number;
};

export type House = {
  readonly x0: number;
  readonly x1: number;
  readonly topY: number;
  readonly tone: 0 | 1 | 2;
  readonly roof: Roofline;
  readonly windows: readonly StreetWindow[];
};

const PLAN: readonly (readonly [columns: number, floors: number, roof: Roof])[] = [
  [5, 6, "flat"],
  [6, 7, "mansard"],
  [4, 5, "gable"],
  [7, 8, "solar"],
  [5, 6, "gable"],
  [6, 7, "flat"],
  [4, 5, "mansard"],
  [7, 7, "solar"],
];

export const STREET_GROUND_Y = 210;
const COLUMN = 13;
const FLOOR = 18;
const MARGIN = 8;

export type Street = {
  readonly houses: readonly House[];
  /** The city behind, as one outline. */
  readonly far: string;
  readonly width: number;
};

export function streetOf(seed: number): Street {
  const next = sequence(seed);
  const houses: House[] = [];
  let x0 = 0;
  PLAN.forEach(([columns, floors, roof], index) => {
    const x1 = x0 + columns * COLUMN + 2 * MARGIN;
    const topY = STREET_GROUND_Y - floors * FLOOR - 34;
    houses.push({
      x0,
      x1,
      topY,
      tone: ([1, 0, 2] as const)[index % 3] ?? 0,
      roof: rooflineOf(roof, { x0, x1 }, topY, true),
      windows: windowsAt(x0, topY, columns, floors, next),
    });
    x0 = x1;
  });
  return { houses, far: skylineOf(x0, next), width: x0 };
}

function skylineOf(width: number, next: () => number): string {
  let path = `M0 ${STREET_GROUND_Y}`;
  for (let x = 0; x < width;) {
    const step = 14 + Math.round(next() * 30);
    path += `V${Math.round(62 - next() * 74)}h${step}`;
    x += step;
  }
  return `${path}V${STREET_GROUND_Y}Z`;
}

function windowsAt(
  x0: number,
  topY: number,
  columns: number,
  floors: number,
  next: () => number,
): StreetWindow[] {
  return Array.from({ length: columns * floors }, (_, index) => {
    const chance = next();
    return {
      x: x0 + MARGIN + (index % columns) * COLUMN + 2.4,
      y: topY + 9 + Math.floor(index / columns) * FLOOR,
      state: chance < 0.34 ? "lit" : chance > 0.96 ? "shut" : "dark",
      level: 0.35 + 0.65 * next(),
      delayS: Math.round(next() * 90) / 10,
    };
  });
}

/** A linear congruential sequence between 0 and 1 (Numerical Recipes' constants): a picture needs no more. */
function sequence(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
