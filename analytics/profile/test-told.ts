// A day told by minutes and values, and what becomes of it: for tests of cases.
import { MINUTE_MS, QUARTER_MS } from "#devices/time";
import type { RegisterState } from "#devices/vocabulary";
import { profileOf, type RegisterValue } from "./profile-of.ts";
import type { Ruling } from "./rulings.ts";
import { meter } from "./test-register-worlds.ts";

const START = Date.UTC(2026, 9, 24);
const SPAN = { fromMs: START, toMs: START + 96 * QUARTER_MS };

const at = (minutes: number) => START + minutes * MINUTE_MS;
export type Told = readonly (readonly [minutes: number, value: string])[];

export function told(values: Told, rulings: readonly Ruling[] = [], register = meter) {
  const all = values.map(([minutes, value]): RegisterValue => ({ atMs: at(minutes), clock: 0, value }));
  const { window, decisions } = profileOf(all, register, rulings, SPAN);
  return {
    booked: window.energies.reduce((sum, energy) => sum + energy, 0),
    slots: [...window.energies],
    statuses: [...window.statuses],
    pieces: window.unallocated.map(({ cause, energy }) => [cause, energy]),
    decided: decisions.map(({ kind, fromIndex, toIndex }) => `${kind} ${fromIndex} → ${toIndex}`),
    evidence: decisions.map(({ evidence }) => evidence),
    kinds: decisions.map(({ kind }) => kind),
  };
}

let nextId = 1;
export function ruling(
  kind: RegisterState,
  from: number,
  to: number,
  closing?: number,
  opening?: number,
): Ruling {
  const milli = (kWh: number | undefined) => (kWh === undefined ? null : Math.round(kWh * 1e6));
  return {
    id: nextId++,
    kind,
    fromMs: at(from),
    toMs: at(to),
    closingMilli: milli(closing),
    openingMilli: milli(opening),
  };
}
