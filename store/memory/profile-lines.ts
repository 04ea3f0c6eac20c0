// What workers made of the readings, as text that can be compared.
import type { MemoryDatabase } from "./memory-database.ts";

/** Every day row that says anything, every piece and every decision (I5). */
export function profileLines({ directory, days, pieces, decisions }: MemoryDatabase): string[] {
  return [...directory.registers.keys()].flatMap((id) => [
    ...[...days.of(id).values()]
      .filter(({ statuses }) => statuses.some((status) => status !== 0))
      .map(
        ({ day, quarters, statuses }) =>
          `${id} day ${day} ${quarters.toString("hex")} ${statuses.toString("hex")}`,
      ),
    ...[...pieces.of(id).values()].map(
      ({ fromMs, toMs, energy, cause }) => `${id} piece ${fromMs} ${toMs} ${energy} ${cause}`,
    ),
    ...[...decisions.of(id).values()].map(
      ({ fromMs, toMs, kind, fromIndex, toIndex, evidence }) =>
        `${id} decision ${fromMs} ${toMs} ${kind} ${fromIndex} ${toIndex} ${JSON.stringify(evidence)}`,
    ),
  ]);
}
