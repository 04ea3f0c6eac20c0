// Measured days over estimated ones: an estimate shows where nothing was measured, and nowhere else.
//
//   measured    ▓▓▓▓▓░░░▓▓▓▓        ░ missing
//   estimated   ░░░░▒▒▒▒░░░░        a left-over beside a measured value is not shown
//   shown       ▓▓▓▓▓▒▒▒▓▓▓▓
import { QUARTERS_PER_UTC_DAY } from "#devices/time";
import { QuarterCode } from "#devices/vocabulary";
import type { PackedDays } from "./register-days.ts";
import type { DayBytes } from "./save-profile.ts";

type Days = Pick<PackedDays, "dayNumbers" | "revisions" | "quarters" | "statuses">;

const INT4_BYTES = 4;
const QUARTERS_BYTES = QUARTERS_PER_UTC_DAY * INT4_BYTES;

/** Every day of either; a day's revision is the sum of both, which grows with either. Nothing given is changed. */
export function overEstimates(measured: Days, estimated: Days): Days {
  const own = new Map(measured.dayNumbers.map((day, place) => [day, place]));
  const below = new Map(estimated.dayNumbers.map((day, place) => [day, place]));
  const dayNumbers = [...new Set([...measured.dayNumbers, ...estimated.dayNumbers])].sort((a, b) => a - b);
  const quarters = Buffer.alloc(dayNumbers.length * QUARTERS_BYTES);
  const statuses = Buffer.alloc(dayNumbers.length * QUARTERS_PER_UTC_DAY);
  const revisions = dayNumbers.map((day, place) => {
    const top = own.get(day);
    const base = below.get(day);
    if (base !== undefined) copyDay(estimated, base, quarters, statuses, place);
    if (top !== undefined) layDay(measured, top, quarters, statuses, place);
    return revisionAt(measured, top) + revisionAt(estimated, base);
  });
  return { dayNumbers, revisions, quarters, statuses };
}

/** One day of a register as it is shown; `undefined` where there is neither. */
export function shownDay(
  measured: DayBytes | undefined,
  estimated: DayBytes | undefined,
): DayBytes | undefined {
  if (measured === undefined || estimated === undefined) return measured ?? estimated;
  return overEstimates(dayAlone(measured), dayAlone(estimated));
}

function dayAlone({ quarters, statuses }: DayBytes): Days {
  return { dayNumbers: [0], revisions: [0], quarters, statuses };
}

function revisionAt({ revisions }: Days, place: number | undefined): number {
  return place === undefined ? 0 : (revisions[place] ?? 0);
}

function copyDay(from: Days, place: number, quarters: Buffer, statuses: Buffer, to: number): void {
  from.quarters.copy(quarters, to * QUARTERS_BYTES, place * QUARTERS_BYTES, (place + 1) * QUARTERS_BYTES);
  const first = place * QUARTERS_PER_UTC_DAY;
  from.statuses.copy(statuses, to * QUARTERS_PER_UTC_DAY, first, first + QUARTERS_PER_UTC_DAY);
}

function layDay(from: Days, place: number, quarters: Buffer, statuses: Buffer, to: number): void {
  for (let slot = 0; slot < QUARTERS_PER_UTC_DAY; slot++) {
    const source = place * QUARTERS_PER_UTC_DAY + slot;
    const target = to * QUARTERS_PER_UTC_DAY + slot;
    const status = from.statuses[source] ?? QuarterCode.missing;
    if (status === QuarterCode.missing) continue;
    statuses[target] = status;
    quarters.writeInt32LE(from.quarters.readInt32LE(source * INT4_BYTES), target * INT4_BYTES);
  }
}
