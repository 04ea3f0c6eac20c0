// What a store in memory holds, as the readings and accounts that its API would tell.
import { unpackDecimals } from "#devices/decimal";
import { CLOCK_NAMES } from "#devices/vocabulary";
import type { MemoryDatabase } from "#memory-store";
import { feedsProfile, withoutRepeats, type StoredReading } from "#store";
import type { RegisterAccount } from "../run/judge-account.ts";
import type { AnsweredReading } from "../run/judge-readings.ts";

/** By the name of the register, as the API lists them. */
export function readingsOf(database: MemoryDatabase, deviceId: number): Map<string, AnsweredReading[]> {
  const found = new Map<string, AnsweredReading[]>();
  for (const [registerId, readings] of readingsById(database, deviceId)) {
    const name = database.directory.registers.get(registerId)?.name ?? "";
    found.set(name, [...(found.get(name) ?? []), ...readings]);
  }
  return found;
}

/** Of each register of which profiles are made: what is measured in its quarter-hours, and what belongs to none. */
export function accountsOf(database: MemoryDatabase, deviceId: number): RegisterAccount[] {
  const { directory, days, pieces } = database;
  return [...readingsById(database, deviceId)].flatMap(([id, readings]): RegisterAccount[] => {
    const register = directory.registers.get(id);
    const isMain = directory.assignments.some(({ registerId }) => registerId === id);
    if (register === undefined || !isMain || !feedsProfile(register)) return [];
    const quarters = [...days.of(id).values()].flatMap((day) =>
      Array.from(day.statuses, (status, slot) =>
        status === 0 ? 0 : day.quarters.readInt32LE(INT4_BYTES * slot),
      ),
    );
    const { name, unit } = register;
    return [
      {
        register: name,
        unit,
        readings,
        quarters: sumOf(quarters),
        pieces: sumOf([...pieces.of(id).values()].map(({ energy }) => energy)),
      },
    ];
  });
}

const INT4_BYTES = 4;
const sumOf = (values: readonly number[]) => values.reduce((sum, one) => sum + one, 0);

function readingsById(
  { directory, readings }: MemoryDatabase,
  deviceId: number,
): Map<number, AnsweredReading[]> {
  const found = new Map<number, StoredReading[]>();
  for (const { id, registerIds } of directory.layoutsOf([deviceId])) {
    for (const { values, observedAtMs, receivedAtMs } of readings.between(
      deviceId,
      id,
      -Infinity,
      Infinity,
    )) {
      for (const [place, value] of unpackDecimals(values).entries()) {
        const registerId = registerIds[place];
        if (value === null || registerId === undefined) continue;
        const reading = { observedAtMs, receivedAtMs, value, clock: CLOCK_NAMES[0], flags: [] };
        const list = found.get(registerId);
        if (list === undefined) found.set(registerId, [reading]);
        else list.push(reading);
      }
    }
  }
  const shown = ({ observedAtMs, value }: StoredReading) => ({
    observedAt: new Date(observedAtMs).toISOString(),
    value,
  });
  return new Map([...found].map(([id, list]) => [id, withoutRepeats(list).map(shown)]));
}
