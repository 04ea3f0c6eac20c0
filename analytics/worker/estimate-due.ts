// Estimates what is due: in one transaction the days are taken, their gaps estimated from what was measured around them, and saved.
//
// If it fails, the days are due again (I3). An estimate depends on like days of up to a hundred days around: it is made when its own
// day is saved, and again when that is saved again, not whenever one of those days changes.
import {
  DAY_MS,
  QUARTERS_PER_UTC_DAY,
  QUARTER_MS,
  HOUR_MS,
  hasPassed,
  utcDayNumber,
  type TimeSource,
} from "#devices/time";
import type { EstimateWork, ProfileDay, ProfileStore, ProfileTransaction } from "#store";
import { ESTIMATE_RULES, estimateGaps, type Estimate } from "../vee/estimate-gaps.ts";
import { localDays } from "../vee/local-days.ts";

export type EstimateLog = { readonly error: (fields: object, message: string) => void };

/** Of one transaction: a register's 200 days are 100 kB and some milliseconds. */
const REGISTERS_AT_ONCE = 20;
const SILENT_LOOK_EVERY_MS = HOUR_MS;
const RETRY_AFTER_MS = HOUR_MS;
const INT4_BYTES = 4;
const INT4_MAX = 2 ** 31 - 1;

/** Returns how many days were written. */
export function createEstimator(options: {
  readonly store: ProfileStore;
  readonly time: TimeSource;
  readonly log: EstimateLog;
}): (signal?: AbortSignal) => Promise<number> {
  const { store, time, log } = options;
  let lookedAtMs: number | undefined;
  return async (signal) => {
    const today = utcDayNumber(time.now());
    if (lookedAtMs === undefined || hasPassed(SILENT_LOOK_EVERY_MS, lookedAtMs, time.now())) {
      await store.noteSilentYesterday(today - ESTIMATE_RULES.gapMax / QUARTERS_PER_UTC_DAY);
      lookedAtMs = time.now();
    }
    let written = 0;
    for (;;) {
      if (signal?.aborted === true) break;
      const batch = await store.transaction(async (transaction) => {
        const works = await transaction.claimEstimates(REGISTERS_AT_ONCE);
        let days = 0;
        for (const work of works) days += await estimateRegister(transaction, work, today, log);
        return { registers: works.length, days };
      });
      written += batch.days;
      if (batch.registers === 0) break;
    }
    return written;
  };
}

async function estimateRegister(
  transaction: ProfileTransaction,
  work: EstimateWork,
  today: number,
  log: EstimateLog,
): Promise<number> {
  const { registerId, days } = work;
  const first = days[0] ?? today;
  const last = days.at(-1) ?? first;
  const span = {
    fromDay: first - ESTIMATE_RULES.lookDaysMax,
    toDay: Math.min(today, last + 1 + ESTIMATE_RULES.lookDaysMax),
  };
  if (span.toDay <= first) return 0;
  const measured = await transaction.profileDays(registerId, span.fromDay, span.toDay);
  const pieces = await transaction.listUnallocated([
    { registerId, fromMs: span.fromDay * DAY_MS, toMs: span.toDay * DAY_MS },
  ]);
  let estimated: Omit<ProfileDay, "registerId">[];
  try {
    estimated = packed(estimatesOf(work, measured, pieces, span), days, span.fromDay);
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
  const after = new Map(estimated.map((day) => [day.day, day]));
  await transaction.noteLoadChanges(
    "estimated",
    before.flatMap((was) => {
      const is = after.get(was.day);
      return is === undefined
        ? []
        : [{ registerId, day: was.day, cause: "estimate" as const, before: was, after: is }];
    }),
  );
  return estimated.length;
}

type Span = { readonly fromDay: number; readonly toDay: number };

function estimatesOf(
  { days, timezone, country }: EstimateWork,
  measured: readonly ProfileDay[],
  pieces: Parameters<typeof estimateGaps>[0]["pieces"],
  { fromDay, toDay }: Span,
): Estimate[] {
  const count = (toDay - fromDay) * QUARTERS_PER_UTC_DAY;
  const energies = new Int32Array(count);
  const statuses = new Uint8Array(count);
  for (const row of measured) {
    const origin = (row.day - fromDay) * QUARTERS_PER_UTC_DAY;
    for (let slot = 0; slot < QUARTERS_PER_UTC_DAY; slot++) {
      energies[origin + slot] = row.quarters.readInt32LE(slot * INT4_BYTES);
      statuses[origin + slot] = row.statuses[slot] ?? 0;
    }
  }
  const slotOf = (day: number) => (day - fromDay) * QUARTERS_PER_UTC_DAY;
  return estimateGaps({
    fromMs: fromDay * DAY_MS,
    energies,
    statuses,
    pieces,
    calendar: localDays(fromDay * DAY_MS, fromDay * DAY_MS + count * QUARTER_MS, timezone, country),
    first: slotOf(days[0] ?? fromDay),
    end: slotOf((days.at(-1) ?? fromDay) + 1),
    rules: ESTIMATE_RULES,
  });
}

/** The due days, and every day that an estimated gap reaches into. */
function packed(
  estimates: readonly Estimate[],
  due: readonly number[],
  fromDay: number,
): Omit<ProfileDay, "registerId">[] {
  const days = new Map(due.map((day) => [day, emptyDay(day)]));
  for (const { slot, energy, status } of estimates) {
    // No meter of a building counts more: what does not fit stays missing.
    if (energy > INT4_MAX) continue;
    const day = fromDay + Math.floor(slot / QUARTERS_PER_UTC_DAY);
    let row = days.get(day);
    if (row === undefined) days.set(day, (row = emptyDay(day)));
    row.quarters.writeInt32LE(energy, (slot % QUARTERS_PER_UTC_DAY) * INT4_BYTES);
    row.statuses[slot % QUARTERS_PER_UTC_DAY] = status;
  }
  return [...days.values()].sort((one, other) => one.day - other.day);
}

function emptyDay(day: number): Omit<ProfileDay, "registerId"> {
  return {
    day,
    quarters: Buffer.alloc(QUARTERS_PER_UTC_DAY * INT4_BYTES),
    statuses: Buffer.alloc(QUARTERS_PER_UTC_DAY),
  };
}
