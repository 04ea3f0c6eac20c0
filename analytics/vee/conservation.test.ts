// Conservation through all layers: what a register counted is what its load shows, estimates and the night of the clock included.
import fc from "fast-check";
import { expect, test } from "vitest";
import { DAY_MS, QUARTERS_PER_UTC_DAY, QUARTER_MS, utcDay } from "#devices/time";
import { QuarterCode } from "#devices/vocabulary";
import { shownDay, type DayBytes, type RegisterDays } from "#store";
import { loadSeries } from "../load/load-series.ts";
import { packDay } from "../profile/day-row.ts";
import { profileOf } from "../profile/profile-of.ts";
import { DAYS, END, SPAN, START, world, type World } from "../profile/test-register-worlds.ts";
import { ESTIMATE_RULES, estimateGaps, type Estimate } from "./estimate-gaps.ts";
import { localDays } from "./local-days.ts";

const ZONE = "Europe/Brussels";
const KNOWN = ["line_to_energy", "shape", "shape_temperature", "even"];
const FLOWED = ["gap", "partial", "glitch"];

function layersOf(one: World) {
  const { window } = profileOf(one.values, one.register, one.rulings, SPAN);
  const gaps = estimateGaps({
    fromMs: START,
    energies: Int32Array.from(window.energies),
    statuses: Uint8Array.from(window.statuses),
    pieces: window.unallocated,
    calendar: localDays(START, END, ZONE, "BE"),
    first: 0,
    end: DAYS * QUARTERS_PER_UTC_DAY,
    rules: ESTIMATE_RULES,
  });
  const estimates = gaps.flatMap((gap) => gap.estimates);
  const days = Array.from({ length: DAYS }, (_, place) => {
    const day = START / DAY_MS + place;
    const shown = shownDay(packDay(window, day), estimatedDay(estimates, place));
    return { day: utcDay(day * DAY_MS), revision: 1, ...(shown ?? packDay(window, day)) };
  });
  return { window, gaps, days };
}

/** With a left-over beside every quarter-hour that was measured: an estimate from before. */
function estimatedDay(estimates: readonly Estimate[], place: number): DayBytes {
  const quarters = Buffer.alloc(4 * QUARTERS_PER_UTC_DAY, 1);
  const statuses = Buffer.alloc(QUARTERS_PER_UTC_DAY, QuarterCode.substituted);
  const first = place * QUARTERS_PER_UTC_DAY;
  // What does not fit stays as it is, as the worker leaves it.
  const fitting = estimates.filter(({ energy }) => energy < 2 ** 31);
  const own = new Map(fitting.map((estimate) => [estimate.slot - first, estimate]));
  for (let slot = 0; slot < QUARTERS_PER_UTC_DAY; slot++) {
    quarters.writeInt32LE(own.get(slot)?.energy ?? 4321, 4 * slot);
    statuses[slot] = own.get(slot)?.status ?? QuarterCode.substituted;
  }
  return { quarters, statuses };
}

const sumOf = (values: readonly number[]) => values.reduce((all, one) => all + one, 0);

test("no estimate is below what was metered within its quarter-hour, before the first glitch of its gap and behind the last", () => {
  let beside = 0;
  fc.assert(
    fc.property(world, (one) => {
      const { window, gaps } = layersOf(one);
      for (const { first, end, estimates } of gaps) {
        const [fromMs, toMs] = [START + first * QUARTER_MS, START + end * QUARTER_MS];
        const within = window.unallocated.filter((piece) => piece.fromMs < toMs && piece.toMs > fromMs);
        const glitches = within.filter(({ cause }) => cause === "glitch");
        const glitchedMs = Math.min(...glitches.map((piece) => piece.fromMs));
        const healedMs = Math.max(...glitches.map((piece) => piece.toMs));
        // A dip that stayed takes back what it never gave.
        const pooled = within.filter((piece) => piece.fromMs >= glitchedMs && piece.toMs <= healedMs);
        if (sumOf(pooled.map(({ energy }) => energy)) < 0) continue;
        for (const { slot, energy } of estimates) {
          const slotMs = START + slot * QUARTER_MS;
          const parts = within.filter(
            (piece) =>
              piece.cause === "partial" &&
              (piece.toMs <= glitchedMs || piece.fromMs >= healedMs) &&
              piece.fromMs >= slotMs &&
              piece.toMs <= slotMs + QUARTER_MS,
          );
          beside += glitches.length > 0 ? parts.length : 0;
          expect(energy).toBeGreaterThanOrEqual(sumOf(parts.map((piece) => piece.energy)));
        }
      }
    }),
    { numRuns: 150 },
  );
  expect(beside).toBeGreaterThan(0);
});

test("whatever a register did: measured values stay, a known energy is kept, and civil time adds up to the same", () => {
  let known = 0;
  fc.assert(
    fc.property(world, (one) => {
      const { window, gaps, days } = layersOf(one);
      const shown = days.flatMap(({ quarters, statuses }) =>
        [...statuses].map((status, slot) => ({ status, energy: quarters.readInt32LE(4 * slot) })),
      );
      for (const [slot, status] of [...window.statuses].entries()) {
        if (status === QuarterCode.missing) continue;
        expect(shown[slot]).toEqual({ status, energy: window.energies[slot] });
      }
      for (const { first, end, estimates } of gaps) {
        expect(estimates.every(({ energy, slot }) => energy >= 0 && slot >= first && slot < end)).toBe(true);
        if (!KNOWN.includes(estimates[0]?.method ?? "")) continue;
        known++;
        // All of the gap, and exactly what the index says of it: neither a reset nor a swap, a spike or a full counter.
        const [fromMs, toMs] = [START + first * QUARTER_MS, START + end * QUARTER_MS];
        const within = window.unallocated.filter((piece) => piece.fromMs < toMs && piece.toMs > fromMs);
        const flowed = within.filter(({ cause }) => FLOWED.includes(cause));
        expect(sumOf(estimates.map(({ energy }) => energy))).toBe(sumOf(flowed.map(({ energy }) => energy)));
        expect(estimates.length).toBe(end - first);
      }
      const series: RegisterDays[] = [
        { registerId: 1, supplyPointId: 1, fromMs: -Infinity, toMs: Infinity, days },
      ];
      const total = sumOf(shown.map(({ energy }) => energy));
      for (const resolution of ["quarter-hour", "hour", "day", "month"] as const) {
        const points = loadSeries({
          series,
          fromMs: START,
          toMs: END,
          resolution,
          timezone: ZONE,
          quantity: "energy",
        });
        expect(sumOf(points.map(({ value }) => value ?? 0))).toBe(total);
      }
    }),
    { numRuns: 150 },
  );
  expect(known).toBeGreaterThan(0);
});
