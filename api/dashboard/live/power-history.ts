// From the stored readings of the grid's registers to the power of the last minutes, as the live stream would have told it.
import type { PowerSample } from "./live-state.ts";
import { powerW, roleOf, type RegisterInfo } from "./register-role.ts";

type Stored = {
  readonly register: RegisterInfo;
  readonly readings: readonly {
    readonly observedAt: string;
    readonly value: string;
    readonly unit: string;
  }[];
};

/** Import minus export at every instant at which any of them was read; the others count with their last value. */
export function powerHistory(stored: readonly Stored[]): PowerSample[] {
  const steps = stored
    .flatMap(({ register, readings }, index) => {
      const sign = roleOf(register) === "grid-export-power" ? -1 : 1;
      return readings.map(({ observedAt, value, unit }) => ({
        index,
        atMs: Date.parse(observedAt),
        powerW: sign * powerW({ value: Number(value), unit }),
      }));
    })
    .filter((step) => Number.isFinite(step.powerW) && Number.isFinite(step.atMs))
    .sort((a, b) => a.atMs - b.atMs);
  const latest = new Map<number, number>();
  const samples = new Map<number, number>();
  for (const step of steps) {
    latest.set(step.index, step.powerW);
    let netW = 0;
    for (const value of latest.values()) netW += value;
    samples.set(step.atMs, netW);
  }
  return [...samples].map(([atMs, netW]) => ({ atMs, netW }));
}
