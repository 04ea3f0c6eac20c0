// What workers made of the readings, as text that can be compared.
import type { MemoryDatabase, MemoryDay } from "./memory-database.ts";

/** Every day row that says anything, measured or estimated, every piece and every decision (I5, and V8 of `analytics/vee`). */
export function profileLines({ directory, days, estimates, pieces, decisions }: MemoryDatabase): string[] {
  return [...directory.registers.keys()].flatMap((id) => [
    ...dayLines(`${id} day`, days.of(id)),
    ...dayLines(`${id} estimate`, estimates.of(id)),
    ...[...pieces.of(id).values()].map(
      ({ fromMs, toMs, energy, cause }) => `${id} piece ${fromMs} ${toMs} ${energy} ${cause}`,
    ),
    ...[...decisions.of(id).values()].map(
      ({ fromMs, toMs, kind, fromIndex, toIndex, evidence }) =>
        `${id} decision ${fromMs} ${toMs} ${kind} ${fromIndex} ${toIndex} ${JSON.stringify(evidence)}`,
    ),
  ]);
}

type Packed = Pick<MemoryDay, "day" | "quarters" | "statuses">;

function dayLines(kind: string, days: ReadonlyMap<unknown, Packed>): string[] {
  return [...days.values()]
    .filter(({ statuses }) => statuses.some((status) => status !== 0))
    .map(
      ({ day, quarters, statuses }) =>
        `${kind} ${day} ${quarters.toString("hex")} ${statuses.toString("hex")}`,
    );
}
