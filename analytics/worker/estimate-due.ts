// Estimates what is due: in one transaction the days are taken, their gaps estimated from what was measured around them, and saved.
//
//   a day is saved ──────────────▶ its own gaps; if a byte changed, the estimates around that look so far
//   a day is over ───────────────▶ the estimates that look so far; of gas and heat those that follow the weather
//   a register fell silent ──────▶ the days since, each when it is over
//                                        │ due
//                                        ▼
//                      claim ▸ measured days, pieces, weather ▸ gaps, whole ▸ save ▸ tell what changed
//
// So the estimated layer depends on what was measured, the weather and the day, and not on when things came (V8). If a transaction
// fails, its days are due again (I3).
import {
  DAY_MS,
  QUARTERS_PER_UTC_DAY,
  HOUR_MS,
  SECOND_MS,
  hasPassed,
  utcDayNumber,
  type TimeSource,
} from "#devices/time";
import {
  shownDay,
  type DayChange,
  type EstimatedDay,
  type EstimateWork,
  type ProfileStore,
  type ProfileTransaction,
  type StoredDay,
} from "#store";
import {
  ESTIMATE_METHODS,
  ESTIMATE_RULES,
  estimateGaps,
  gapsThatTouch,
  type EstimatedGap,
} from "../vee/estimate-gaps.ts";
import { localDays, type LocalDays } from "../vee/local-days.ts";
import { Weather } from "./weather.ts";

export type EstimateLog = { readonly error: (fields: object, message: string) => void };

/** Of one transaction: a register's 400 days are 200 kB and some milliseconds. */
const REGISTERS_AT_ONCE = 20;
const SILENT_LOOK_EVERY_MS = HOUR_MS;
const RETRY_AFTER_MS = HOUR_MS;
/** A register that another worker holds is tried again after this. */
const HELD_DELAY_MS = SECOND_MS;
const INT4_BYTES = 4;
const INT4_MAX = 2 ** 31 - 1;

const GAP_DAYS_MAX = ESTIMATE_RULES.gapMax / QUARTERS_PER_UTC_DAY;
/**
 * A gap that touches a due day is seen whole, and so is each other gap of the days that it reaches into, with all that the first and
 * the last day of those may look at.
 */
const AROUND_DAYS = 2 * GAP_DAYS_MAX + ESTIMATE_RULES.lookDaysMax;

/** Returns how many days were written. */
export function createEstimator(options: {
  readonly store: ProfileStore;
  readonly time: TimeSource;
  readonly log: EstimateLog;
}): (signal?: AbortSignal) => Promise<number> {
  const { store, time, log } = options;
  let lookedAtMs: number | undefined;
  let lookedDay: number | undefined;
  return async (signal) => {
    const today = utcDayNumber(time.now());
    if (lookedAtMs === undefined || hasPassed(SILENT_LOOK_EVERY_MS, lookedAtMs, time.now())) {
      await store.noteSilent(today - GAP_DAYS_MAX);
      lookedAtMs = time.now();
    }
    if (lookedDay !== today) {
      await store.noteDayOver(today - 1);
      lookedDay = today;
    }
    const weather = new Weather();
    let written = 0;
    for (;;) {
      if (signal?.aborted === true) break;
      const batch = await store.transaction(async (transaction) => {
        const works = await transaction.claimEstimates(REGISTERS_AT_ONCE);
        // Another worker's profile or estimate of it, still to be committed, would not be seen: so lock first, then read.
        const locked = await transaction.lockRegisters(works.map(({ registerId }) => registerId));
        let days = 0;
        for (const work of works) {
          if (locked.has(work.registerId))
            // The day as it is now: what was claimed of one that ended meanwhile is due no more.
            days += await estimateRegister(transaction, work, {
              today: utcDayNumber(time.now()),
              weather,
              log,
            });
          else await transaction.noteEstimatesAgain(work, HELD_DELAY_MS);
        }
        return { registers: works.length, days };
      });
      written += batch.days;
      if (batch.registers === 0) break;
    }
    return written;
  };
}

type Context = { readonly today: number; readonly weather: Weather; readonly log: EstimateLog };

async function estimateRegister(
  transaction: ProfileTransaction,
  work: EstimateWork,
  { today, weather, log }: Context,
): Promise<number> {
  const { registerId, days } = work;
  const first = days[0] ?? today;
  const last = days.at(-1) ?? first;
  const span = {
    fromDay: first - AROUND_DAYS,
    toDay: Math.min(today, last + 1 + AROUND_DAYS),
  };
  if (span.toDay <= first) return 0;
  const measured = await transaction.profileDays(registerId, span.fromDay, span.toDay);
  const pieces = await transaction.listUnallocated([
    { registerId, fromMs: span.fromDay * DAY_MS, toMs: span.toDay * DAY_MS },
  ]);
  const outsideC = await weather.outside(transaction, work, span);
  let estimated: EstimatedDay[];
  try {
    const calendar = calendarOf(work, span);
    const { energies, statuses } = unpacked(measured, span);
    const rows = rowsOf(statuses, days, span);
    const gaps = estimateGaps({
      fromMs: span.fromDay * DAY_MS,
      energies,
      statuses,
      pieces,
      calendar,
      outsideC: outsideC && Float64Array.from(calendar.days, ({ date }) => outsideC.get(date) ?? Number.NaN),
      first: slotOf(rows[0] ?? first, span),
      end: slotOf((rows.at(-1) ?? last) + 1, span),
      rules: ESTIMATE_RULES,
    });
    estimated = packed(gaps, rows, span);
  } catch (error) {
    // A fault of ours holds up this register alone: its days stay missing, as they were, and are tried again.
    log.error(
      { err: error, registerId },
      "a register's gaps could not be estimated; they are tried again later",
    );
    await transaction.noteEstimatesAgain(work, RETRY_AFTER_MS);
    return 0;
  }
  const before = await transaction.saveEstimates(registerId, estimated);
  await transaction.noteLoadChanges("estimated", changesOf(registerId, before, estimated, measured));
  return estimated.length;
}

type Span = { readonly fromDay: number; readonly toDay: number };

function slotOf(day: number, { fromDay }: Span): number {
  return (day - fromDay) * QUARTERS_PER_UTC_DAY;
}

function calendarOf({ timezone, country }: EstimateWork, { fromDay, toDay }: Span): LocalDays {
  return localDays(fromDay * DAY_MS, toDay * DAY_MS, timezone, country);
}

function unpacked(measured: readonly StoredDay[], span: Span) {
  const count = slotOf(span.toDay, span);
  const energies = new Int32Array(count);
  const statuses = new Uint8Array(count);
  for (const row of measured) {
    const origin = slotOf(row.day, span);
    for (let slot = 0; slot < QUARTERS_PER_UTC_DAY; slot++) {
      energies[origin + slot] = row.quarters.readInt32LE(slot * INT4_BYTES);
      statuses[origin + slot] = row.statuses[slot] ?? 0;
    }
  }
  return { energies, statuses };
}

/** The due days, and every day that a gap of theirs reaches into, in order: each is written anew, with all of its gaps. */
function rowsOf(statuses: Uint8Array, due: readonly number[], span: Span): number[] {
  const first = due[0] ?? span.fromDay;
  const last = due.at(-1) ?? first;
  const rows = new Set(due);
  for (const gap of gapsThatTouch(statuses, { first: slotOf(first, span), end: slotOf(last + 1, span) })) {
    // A longer gap is not estimated, nor was anything of it that lies further away.
    const from = Math.max(dayOf(gap.first, span), first - GAP_DAYS_MAX);
    const to = Math.min(dayOf(gap.end - 1, span), last + GAP_DAYS_MAX);
    for (let day = from; day <= to; day++) rows.add(day);
  }
  return [...rows].toSorted((one, other) => one - other);
}

/** Where a gap gets no estimate, what was estimated before is emptied. */
function packed(gaps: readonly EstimatedGap[], rows: readonly number[], span: Span): EstimatedDay[] {
  const days = new Map(rows.map((day) => [day, emptyDay(day)]));
  for (const { first, end, estimates, reachDays } of gaps) {
    for (let day = dayOf(first, span); day <= dayOf(end - 1, span); day++) {
      const row = days.get(day);
      if (row !== undefined) row.reachDays = Math.max(row.reachDays, reachDays);
    }
    for (const { slot, energy, status, method } of estimates) {
      const row = days.get(dayOf(slot, span));
      // No meter of a building counts more: what does not fit stays missing.
      if (row === undefined || energy > INT4_MAX) continue;
      const place = slot % QUARTERS_PER_UTC_DAY;
      row.quarters.writeInt32LE(energy, place * INT4_BYTES);
      row.statuses[place] = status;
      row.methods[place] = ESTIMATE_METHODS.indexOf(method);
    }
  }
  return [...days.values()];
}

function dayOf(slot: number, { fromDay }: Span): number {
  return fromDay + Math.floor(slot / QUARTERS_PER_UTC_DAY);
}

type GrowingDay = Omit<EstimatedDay, "reachDays"> & { reachDays: number };

function emptyDay(day: number): GrowingDay {
  return {
    day,
    quarters: Buffer.alloc(QUARTERS_PER_UTC_DAY * INT4_BYTES),
    statuses: Buffer.alloc(QUARTERS_PER_UTC_DAY),
    methods: Buffer.alloc(QUARTERS_PER_UTC_DAY),
    reachDays: 0,
  };
}

/** As the day was and is shown: an estimate beside a measured value is no change. */
function changesOf(
  registerId: number,
  before: readonly StoredDay[],
  estimated: readonly EstimatedDay[],
  measured: readonly StoredDay[],
): DayChange[] {
  const fresh = new Map(estimated.map((day) => [day.day, day]));
  const own = new Map(measured.map((day) => [day.day, day]));
  return before.flatMap((was): DayChange[] => {
    const { day } = was;
    const above = own.get(day);
    const shownBefore = shownDay(above, was);
    const shownAfter = shownDay(above, fresh.get(day));
    if (shownBefore === undefined || shownAfter === undefined) return [];
    const revision = was.revision + 1 + (above?.revision ?? 0);
    return [{ registerId, day, cause: "estimate", before: shownBefore, after: shownAfter, revision }];
  });
}
