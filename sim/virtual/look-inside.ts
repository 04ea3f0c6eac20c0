// What a store in memory holds, as text that can be compared and as the readings that its API would list.
import { unpackDecimals } from "#devices/decimal";
import { CLOCK_NAMES } from "#devices/vocabulary";
import type { MemoryDatabase } from "#memory-store";
import { withoutRepeats, type StoredReading } from "#store";
import type { AnsweredReading } from "../run/judge-readings.ts";

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

/** By the name of the register, as the API lists them. */
export function readingsOf(
  { directory, readings }: MemoryDatabase,
  deviceId: number,
): Map<string, AnsweredReading[]> {
  const found = new Map<string, StoredReading[]>();
  for (const { id, registerIds } of directory.layoutsOf([deviceId])) {
    const names = registerIds.map((registerId) => directory.registers.get(registerId)?.name ?? "");
    for (const { values, observedAtMs, receivedAtMs } of readings.between(
      deviceId,
      id,
      -Infinity,
      Infinity,
    )) {
      for (const [place, value] of unpackDecimals(values).entries()) {
        if (value === null) continue;
        const name = names[place] ?? "";
        const reading = { observedAtMs, receivedAtMs, value, clock: CLOCK_NAMES[0], flags: [] };
        const list = found.get(name);
        if (list === undefined) found.set(name, [reading]);
        else list.push(reading);
      }
    }
  }
  const shown = ({ observedAtMs, value }: StoredReading) => ({
    observedAt: new Date(observedAtMs).toISOString(),
    value,
  });
  return new Map([...found].map(([name, list]) => [name, withoutRepeats(list).map(shown)]));
}
