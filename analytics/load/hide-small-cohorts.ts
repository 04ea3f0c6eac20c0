// Hiding one among many: private supply points add to a building's load only where enough of them do (I7).
import { QUARTERS_PER_UTC_DAY, QUARTER_MS, utcDayStartMs } from "#devices/time";
import { QuarterCode } from "#devices/vocabulary";
import type { DayRow, RegisterDays } from "#store";

const INT4_BYTES = 4;

/**
 * The series of private supply points as far as at least `cohortMin` of them have a value in a quarter-hour; elsewhere the
 * quarter-hour is missing. Decided per quarter-hour and before anything is added up, so that no difference between two
 * resolutions or two spans gives a smaller group away.
 *
 * `rest`: when these series are a part of a whole that is shown too, the other part of it. What is left when the one is
 * taken from the other must be nobody, or as many.
 */
export function hideSmallCohorts(
  series: readonly RegisterDays[],
  cohortMin: number,
  rest: readonly RegisterDays[] = [],
): RegisterDays[] {
  const counts = countPoints(series);
  const left = countPoints(rest);
  return series.map((register) => ({
    ...register,
    days: register.days.map((day) => masked(day, counts.get(day.day), left.get(day.day), cohortMin)),
  }));
}

/** Whether a part may be shown beside its whole: enough are in it, and nobody or enough are not. */
export function hidesAll(inside: number, outside: number, cohortMin: number): boolean {
  return inside >= cohortMin && (outside === 0 || outside >= cohortMin);
}

/** Per UTC day and quarter-hour: how many supply points have a value. */
function countPoints(series: readonly RegisterDays[]): Map<string, Uint16Array> {
  const counts = new Map<string, Uint16Array>();
  for (const registers of Map.groupBy(series, (register) => register.supplyPointId).values()) {
    for (const [day, present] of presence(registers)) {
      const count = counts.get(day) ?? new Uint16Array(QUARTERS_PER_UTC_DAY);
      counts.set(day, count);
      for (let slot = 0; slot < QUARTERS_PER_UTC_DAY; slot++)
        count[slot] = (count[slot] ?? 0) + (present[slot] ?? 0);
    }
  }
  return counts;
}

/** Of one supply point, with several registers per tariff: 1 where any has a value. */
function presence(registers: readonly RegisterDays[]): Map<string, Uint8Array> {
  const days = new Map<string, Uint8Array>();
  for (const register of registers) {
    for (const { day, statuses } of register.days) {
      const present = days.get(day) ?? new Uint8Array(QUARTERS_PER_UTC_DAY);
      days.set(day, present);
      for (let slot = 0; slot < QUARTERS_PER_UTC_DAY; slot++) {
        if (statuses[slot] !== QuarterCode.missing && isAssigned(register, day, slot)) present[slot] = 1;
      }
    }
  }
  return days;
}

/** Before and after its assignment a register counts for somebody else. */
function isAssigned(register: RegisterDays, day: string, slot: number): boolean {
  const fromMs = utcDayStartMs(day) + slot * QUARTER_MS;
  return fromMs >= register.fromMs && fromMs + QUARTER_MS <= register.toMs;
}

function masked(
  row: DayRow,
  counts: Uint16Array | undefined,
  left: Uint16Array | undefined,
  cohortMin: number,
): DayRow {
  const quarters = Buffer.from(row.quarters);
  const statuses = Buffer.from(row.statuses);
  for (let slot = 0; slot < QUARTERS_PER_UTC_DAY; slot++) {
    if (hidesAll(counts?.[slot] ?? 0, left?.[slot] ?? 0, cohortMin)) continue;
    quarters.writeInt32LE(0, slot * INT4_BYTES);
    statuses[slot] = QuarterCode.missing;
  }
  return { ...row, quarters, statuses };
}
