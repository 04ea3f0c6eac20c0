// A day as the façade of a building: one window per quarter-hour, brighter the more was used; shutters where nothing was measured.
import type { Bar } from "../energy/bars.ts";

/**
 * `lit`: measured. `dim`: estimated. `shut`: missing. `waiting`: begun or being computed. `dark`: still to come.
 */
export type WindowState = "lit" | "dim" | "shut" | "waiting" | "dark";

export type FacadeWindow = {
  /** From the left, one column an hour: 24, or 23 and 25 on the nights of the clocks. */
  readonly column: number;
  /** From the top, one floor a quarter. */
  readonly floor: number;
  readonly state: WindowState;
  /** Between 0 and 1: the share of the day's strongest quarter-hour. */
  readonly level: number;
};

export const FLOORS = 4;

/** A whole day of which nothing is known yet. */
export const DARK_WINDOWS: readonly FacadeWindow[] = Array.from({ length: 96 }, (_, index) => ({
  column: Math.floor(index / FLOORS),
  floor: index % FLOORS,
  state: "dark",
  level: 0,
}));

export function windowsOf(quarters: readonly Bar[]): FacadeWindow[] {
  const largest = quarters.reduce((most, { value }) => Math.max(most, value ?? 0), 0);
  return quarters.map((bar, index) => ({
    column: Math.floor(index / FLOORS),
    floor: index % FLOORS,
    state: stateOf(bar),
    level: bar.value === null || largest === 0 ? 0 : Math.max(0, bar.value) / largest,
  }));
}

function stateOf({ phase, value, quality }: Bar): WindowState {
  if (phase === "future") return "dark";
  if (phase === "pending") return "waiting";
  if (value === null) return "shut";
  return quality.estimated > 0 ? "dim" : "lit";
}

export function columnsOf(windows: readonly FacadeWindow[]): number {
  return (windows.at(-1)?.column ?? 23) + 1;
}

export const ROOFS = ["mansard", "gable", "flat", "solar"] as const;
export type Roof = (typeof ROOFS)[number];

/** Every building keeps its roof: chosen by its number, not by chance. */
export function roofOf(buildingId: string): Roof {
  let sum = 0;
  for (const character of buildingId) sum += character.codePointAt(0) ?? 0;
  return ROOFS[sum % ROOFS.length] ?? "flat";
}

export type Sky = "night" | "dawn" | "day" | "dusk";

/** The sky above a building at its own hour (0–23). */
export function skyAt(hour: number): Sky {
  if (hour < 6 || hour >= 22) return "night";
  if (hour < 9) return "dawn";
  return hour < 18 ? "day" : "dusk";
}
