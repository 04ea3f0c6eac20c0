// Imported history over what registers measured: quarter-hour by quarter-hour the better of the two, the registers on a tie.
//
//   registers     ▓▓▓▓░░▓▓▓▓▓▓▓▓      ░ missing or worse      main register from here ┐
//   imported   ▒▒▒▒▒▒▒▒▒                                                              ▼
//   shown      ▒▒▒▓▓▓▓▒▒▓▓▓▓▓▓▓▓      where no register is main, the import is a series of its own (register 0)
import { DAY_MS, QUARTERS_PER_UTC_DAY, QUARTER_MS, utcDayStartMs } from "#devices/time";
import { QuarterCode } from "#devices/vocabulary";
import type { DayRow, RegisterDays } from "./register-days.ts";

/** The register under which imported history is listed: no register has this number. */
export const IMPORTED = 0;

const INT4_BYTES = 4;

/**
 * Both lists may hold several supply points; `imported` has at most one series of each. The sum of the main registers has the
 * worst of their statuses, missing if one is missing. Where the import is better, the first of them carries its value and
 * the others nothing, so that they add up to it; everywhere else the rows are left as they are, a half sum included. Nothing
 * given is changed. Every row of a day with an import carries both revisions, whether the import shows in it or not: else
 * a value that goes from one to the other could leave the sum as it was.
 */
export function overlayImported(
  registers: readonly RegisterDays[],
  imported: readonly RegisterDays[],
): RegisterDays[] {
  const files = new Map(imported.map((series) => [series.supplyPointId, series]));
  const own = Map.groupBy(registers, (series) => series.supplyPointId);
  const overlaid = new Map<RegisterDays, RegisterDays>();
  const alone: RegisterDays[] = [];
  for (const [supplyPointId, file] of files) {
    const mains = own.get(supplyPointId) ?? [];
    const rows = mains.map((main) => new Map(main.days.map((day) => [day.day, day])));
    for (const day of file.days) overlayDay(mains, rows, day);
    for (const [index, main] of mains.entries()) {
      const changed = [...(rows[index]?.values() ?? [])].sort((one, other) => (one.day < other.day ? -1 : 1));
      overlaid.set(main, { ...main, days: changed });
    }
    alone.push(...withoutRegister(mains, file));
  }
  return [...registers.map((series) => overlaid.get(series) ?? series), ...alone];
}

/** Replaces, in `rows` of each main register, the row of this day. */
function overlayDay(
  mains: readonly RegisterDays[],
  rows: readonly Map<string, DayRow>[],
  file: DayRow,
): void {
  const startMs = utcDayStartMs(file.day);
  const parts: Part[] = [];
  for (const [index, main] of mains.entries()) {
    const { first, end } = boundsIn(main, startMs);
    const own = rows[index];
    if (first < end && own !== undefined) parts.push({ first, end, rows: own, row: own.get(file.day) });
  }
  const isBetter = betterSlots(parts, file);
  for (const [index, part] of parts.entries()) {
    const before = parts.slice(0, index);
    part.rows.set(file.day, overlaidRow(part, before, isBetter, file));
  }
}

/** A main register on one day: from which quarter-hour to which it counts, and its row if it has one. */
type Part = Bounds & { readonly rows: Map<string, DayRow>; readonly row: DayRow | undefined };

/** 1 where the import is better than the worst of the registers that count; 0 elsewhere. */
function betterSlots(parts: readonly Part[], file: DayRow): Uint8Array {
  const worst = new Uint8Array(QUARTERS_PER_UTC_DAY).fill(QuarterCode.validated);
  for (const { first, end, row } of parts) {
    for (let slot = first; slot < end; slot++) {
      const status = row?.statuses[slot] ?? QuarterCode.missing;
      if (status < (worst[slot] ?? QuarterCode.missing)) worst[slot] = status;
    }
  }
  return worst.map((status, slot) => ((file.statuses[slot] ?? QuarterCode.missing) > status ? 1 : 0));
}

/** The register's row with the import's value where that is better, or nothing where a register before it carries it. */
function overlaidRow(part: Part, before: readonly Part[], isBetter: Uint8Array, file: DayRow): DayRow {
  const { first, end, row } = part;
  const revision = (row?.revision ?? 0) + file.revision;
  if (row !== undefined && !isBetter.subarray(first, end).includes(1)) return { ...row, revision };
  const quarters = row === undefined ? Buffer.alloc(file.quarters.length) : Buffer.from(row.quarters);
  const statuses = row === undefined ? Buffer.alloc(file.statuses.length) : Buffer.from(row.statuses);
  for (let slot = first; slot < end; slot++) {
    if (isBetter[slot] !== 1) continue;
    const isCarried = before.some((other) => other.first <= slot && slot < other.end);
    quarters.writeInt32LE(isCarried ? 0 : file.quarters.readInt32LE(slot * INT4_BYTES), slot * INT4_BYTES);
    statuses[slot] = file.statuses[slot] ?? QuarterCode.missing;
  }
  return { day: file.day, quarters, statuses, revision };
}

type Bounds = { readonly first: number; readonly end: number };

/** The quarter-hours of the day that begin while the register is main. */
function boundsIn(main: RegisterDays, startMs: number): Bounds {
  const slotAt = (instantMs: number) =>
    Math.min(QUARTERS_PER_UTC_DAY, Math.max(0, Math.ceil((instantMs - startMs) / QUARTER_MS)));
  return { first: slotAt(main.fromMs), end: slotAt(main.toMs) };
}

/** The file by itself, in each stretch of time in which the supply point has no main register. */
function withoutRegister(mains: readonly RegisterDays[], file: RegisterDays): RegisterDays[] {
  return gapsBetween(mains).flatMap(({ fromMs, toMs }) => {
    const days = file.days.filter(({ day }) => {
      const startMs = utcDayStartMs(day);
      return startMs < toMs && startMs + DAY_MS > fromMs;
    });
    return days.length === 0 ? [] : [{ ...file, fromMs, toMs, days }];
  });
}

/** On quarter-hours: one belongs to the register that was main when it began. */
function gapsBetween(mains: readonly RegisterDays[]): { fromMs: number; toMs: number }[] {
  const ceil = (instantMs: number) => Math.ceil(instantMs / QUARTER_MS) * QUARTER_MS;
  const gaps: { fromMs: number; toMs: number }[] = [];
  let coveredMs = -Infinity;
  for (const main of mains.toSorted((one, other) => one.fromMs - other.fromMs || 0)) {
    const fromMs = ceil(main.fromMs);
    if (fromMs > coveredMs) gaps.push({ fromMs: coveredMs, toMs: fromMs });
    coveredMs = Math.max(coveredMs, ceil(main.toMs));
  }
  if (coveredMs < Infinity) gaps.push({ fromMs: coveredMs, toMs: Infinity });
  return gaps;
}
