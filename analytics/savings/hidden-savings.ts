// Savings of private supply points that a viewer may only see as a sum: enough of them, and enough or nobody beside them (I7).
import type { RegisterDays } from "#store";
import type { FactorTable } from "../emissions/factors.ts";
import type { CivilCalendar, CivilDay } from "../load/civil-days.ts";
import { hidesAll, hideSmallCohorts } from "../load/hide-small-cohorts.ts";
import { contractInForce } from "./contract-in-force.ts";
import { savingItems, type SavingItem, type SavingPoint } from "./price-effect.ts";

export type HiddenGroup = {
  /** Of one building and carrier, with a contract that a tender brought. */
  readonly members: readonly SavingPoint[];
  /** Registers of the building's other hidden supply points of the carrier, by supply point. */
  readonly others: readonly (readonly RegisterDays[])[];
};

/**
 * The load of all of them is shown to the same viewer. So a day counts when enough are under such a contract and those who
 * are not are nobody or enough, and of it the quarter-hours in which the same holds of those who have a value. The items are
 * to be added up, never shown; nothing is said of their CO₂, which would weigh households by their mix.
 */
export function hiddenSavings(
  group: HiddenGroup,
  calendar: CivilCalendar,
  table: FactorTable,
  cohortMin: number,
): SavingItem[] {
  const { members, others } = group;
  const all = members.length + others.length;
  const changed = (point: SavingPoint, { date }: CivilDay) =>
    (contractInForce(point.contracts, date)?.change ?? null) !== null;
  const counted = new Set<string>();
  const pieces = members.map((): Pieces => ({ inside: [], outside: [] }));
  for (const day of calendar.days) {
    const inside = members.filter((point) => changed(point, day)).length;
    if (hidesAll(inside, all - inside, cohortMin)) counted.add(day.date);
  }
  for (const [index, point] of members.entries()) {
    for (const days of runsOf(calendar.days, (day) => changed(point, day))) {
      const side = days.holds ? "inside" : "outside";
      pieces[index]?.[side].push(...clipped(point.registers, days.fromMs, days.toMs));
    }
  }
  const shown = Map.groupBy(
    hideSmallCohorts(
      pieces.flatMap(({ inside }) => inside),
      cohortMin,
      [...pieces.flatMap(({ outside }) => outside), ...others.flat()],
    ),
    ({ supplyPointId }) => supplyPointId,
  );
  return members.flatMap((point) => {
    const masked = { ...point, zone: null, registers: shown.get(point.supplyPointId) ?? [] };
    return savingItems(masked, calendar, table, (date) => counted.has(date));
  });
}

type Pieces = { readonly inside: RegisterDays[]; readonly outside: RegisterDays[] };
type Run = { readonly fromMs: number; readonly toMs: number; readonly holds: boolean };

/** Days that follow one another and agree. */
function runsOf(days: readonly CivilDay[], holds: (day: CivilDay) => boolean): Run[] {
  const runs: Run[] = [];
  for (const day of days) {
    const one = { fromMs: day.fromMs, toMs: day.toMs, holds: holds(day) };
    const last = runs.at(-1);
    if (last?.holds === one.holds) runs[runs.length - 1] = { ...last, toMs: one.toMs };
    else runs.push(one);
  }
  return runs;
}

function clipped(registers: readonly RegisterDays[], fromMs: number, toMs: number): RegisterDays[] {
  return registers
    .map((one) => ({ ...one, fromMs: Math.max(one.fromMs, fromMs), toMs: Math.min(one.toMs, toMs) }))
    .filter((one) => one.fromMs < one.toMs);
}
