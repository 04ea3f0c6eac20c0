// Which days are to be estimated, what they are estimated from, and where the estimates are kept.
import { DAY_MS, utcDay } from "#devices/time";
import { sqlText, type Db, type PoolClient } from "../pool.ts";
import type { Carrier } from "#devices/vocabulary";
import type { ProfileDay } from "../profiles/save-profile.ts";

const NOTE_DUE = sqlText(import.meta.url, "./note-due.sql");
const NOTE_DAY_OVER = sqlText(import.meta.url, "./note-day-over.sql");
const NOTE_SILENT = sqlText(import.meta.url, "./note-silent.sql");
const CLAIM_DUE = sqlText(import.meta.url, "./claim-due.sql");
const SAVE = sqlText(import.meta.url, "./save-estimates.sql");

/** A register with the days of it that are to be estimated: UTC days from 1970, in order. */
export type EstimateWork = {
  readonly registerId: number;
  readonly days: readonly number[];
  readonly carrier: Carrier | null;
  /** Of the building in which the device is. */
  readonly buildingId: number;
  readonly timezone: string;
  readonly country: string;
};

/**
 * Of days just saved, notes those that are to be estimated, and where a byte changed the days that may be estimated from them; within
 * the transaction that saved them, so that none is forgotten.
 */
export async function noteEstimatesDue(
  client: PoolClient,
  days: readonly (ProfileDay & { readonly isChanged: boolean })[],
): Promise<void> {
  if (days.length === 0) return;
  await client.query({
    name: "note-estimates-due",
    text: NOTE_DUE,
    values: [
      days.map(({ registerId }) => registerId),
      days.map(({ day }) => utcDay(day * DAY_MS)),
      days.map(({ statuses }) => statuses.includes(0)),
      days.map(({ isChanged }) => isChanged),
    ],
  });
}

/** A UTC day (from 1970) is over, and may be a like day: notes the estimates that look so far, and those that follow the weather. */
export async function noteDayOver(db: Db, day: number): Promise<void> {
  await db.query({ name: "note-day-over", text: NOTE_DAY_OVER, values: [utcDay(day * DAY_MS)] });
}

/** Notes days just over that nobody saved since, of registers that spoke since `sinceDay` (a UTC day from 1970) and fell silent. */
export async function noteSilent(db: Db, sinceDay: number): Promise<void> {
  await db.query({ name: "note-silent", text: NOTE_SILENT, values: [utcDay(sinceDay * DAY_MS)] });
}

/** Takes what is due of at most `registersMax` registers; gone when the transaction commits. */
export async function claimEstimates(client: PoolClient, registersMax: number): Promise<EstimateWork[]> {
  const { rows } = await client.query<EstimateWork>({
    name: "claim-estimates",
    text: CLAIM_DUE,
    values: [registersMax],
  });
  return rows;
}

/** Days that were taken and could not be estimated are due again after `delayMs`. */
export async function noteEstimatesAgain(
  client: PoolClient,
  { registerId, days }: Pick<EstimateWork, "registerId" | "days">,
  delayMs: number,
): Promise<void> {
  await client.query({
    name: "note-estimates-again",
    text: `insert into estimate_due (register_id, day, not_before)
      select $1, day, now() + make_interval(secs => $3::float8 / 1000)
      from unnest($2::date[]) as day
      on conflict (register_id, day) do nothing`,
    values: [registerId, days.map((day) => utcDay(day * DAY_MS)), delayMs],
  });
}

/** A day as it is kept, with its revision. */
export type StoredDay = Omit<ProfileDay, "registerId"> & { readonly revision: number };

/** What was measured of a register in UTC days [fromDay, toDay), in order; days without a row are left out. */
export async function profileDays(
  db: Db,
  registerId: number,
  fromDay: number,
  toDay: number,
): Promise<StoredDay[]> {
  const { rows } = await db.query<StoredDay>({
    name: "profile-days",
    text: `select day - date '1970-01-01' as day, quarters, statuses, revision
      from load_profile_day
      where register_id = $1 and day >= $2::date and day < $3::date
      order by day`,
    values: [registerId, utcDay(fromDay * DAY_MS), utcDay(toDay * DAY_MS)],
  });
  return rows;
}

export type EstimatedDay = Omit<ProfileDay, "registerId"> & {
  /** A byte a quarter-hour: how it was estimated (`ESTIMATE_METHODS`). */
  readonly methods: Buffer;
  /** A change of a day so far away, or nearer, can change it. */
  readonly reachDays: number;
};

/** All of one register; all-missing days empty what was estimated before. Returns what was there of days whose values changed. */
export async function saveEstimates(
  client: PoolClient,
  registerId: number,
  days: readonly EstimatedDay[],
): Promise<StoredDay[]> {
  if (days.length === 0) return [];
  const { rows } = await client.query<StoredDay>({
    name: "save-estimates",
    text: SAVE,
    values: [
      registerId,
      days.map(({ day }) => utcDay(day * DAY_MS)),
      days.map(({ quarters }) => quarters),
      days.map(({ statuses }) => statuses),
      days.map(({ methods }) => methods),
      days.map(({ reachDays }) => reachDays),
    ],
  });
  return rows;
}
