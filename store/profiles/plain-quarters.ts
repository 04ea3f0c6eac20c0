// The road not taken, kept to be measured beside the one taken: a row per quarter-hour, and a group's figures in SQL over it.
import { inTransaction, sqlText, type Db, type Pool } from "../pool.ts";

export type ShapeDay = { readonly variant: number; readonly quarters: Buffer; readonly statuses: Buffer };

const CREATE = `
  create unlogged table bench_shape (
    variant integer not null,
    day_offset integer not null,
    quarters bytea not null,
    statuses bytea not null,
    primary key (variant, day_offset)
  );
  create unlogged table plain_quarter (
    supply_point_id integer not null,
    from_at timestamptz not null,
    wh integer not null,
    status smallint not null
  );
  create unlogged table plain_calendar (
    from_at timestamptz not null,
    day date not null,
    month text not null,
    peak boolean not null,
    winter boolean not null
  );`;

type CivilPeriod = { readonly from: string; readonly to: string; readonly timezone: string };

export async function createPlainQuarters(db: Db): Promise<void> {
  await db.query(CREATE);
}

/** A variant's days in order, each as `load_profile_day` packs it. */
export async function addShape(
  db: Db,
  variant: number,
  days: readonly Omit<ShapeDay, "variant">[],
): Promise<void> {
  await db.query(
    `insert into bench_shape (variant, day_offset, quarters, statuses)
     select $1, ordinality - 1, quarters, statuses
     from unnest($2::bytea[], $3::bytea[]) with ordinality as day (quarters, statuses)`,
    [variant, days.map(({ quarters }) => quarters), days.map(({ statuses }) => statuses)],
  );
}

const buildings = sqlText(import.meta.url, "./plain-buildings.sql");
const profiles = sqlText(import.meta.url, "./plain-profiles.sql");

/**
 * Buildings with one electricity meter each and a day row for each of `days` days from `firstDay` on, told from the shapes: as
 * many as there are, each again a week later in the year once all are used. Resolves with the supply points, in order.
 */
export async function addProfiledBuildings(
  db: Db,
  plan: { readonly count: number; readonly firstDay: string; readonly days: number },
): Promise<number[]> {
  const { rows } = await db.query<{ supply_point_id: number; register_id: number }>(buildings, [plan.count]);
  const registerIds = rows.map(({ register_id }) => register_id);
  await db.query(profiles, [registerIds, plan.firstDay, plan.days]);
  return rows.map(({ supply_point_id }) => supply_point_id);
}

/** Statistics for the planner, as autovacuum would have gathered them by now. */
export async function analyzeProfiles(db: Db): Promise<void> {
  await db.query(
    "analyze load_profile_day, register_assignment, register, supply_point, plain_quarter, plain_calendar",
  );
}

const unpacked = sqlText(import.meta.url, "./plain-unpack.sql");
const calendar = sqlText(import.meta.url, "./plain-calendar.sql");

/**
 * The same quarter-hours as plain rows, those in [from, to), by supply point and time; no index, for all rows are read, and the
 * period's calendar as a table, which parallel workers can read too.
 */
export async function addPlainQuarters(
  db: Db,
  supplyPointIds: readonly number[],
  span: { readonly fromMs: number; readonly toMs: number },
  { timezone, from, to }: CivilPeriod,
): Promise<void> {
  await db.query(calendar, [timezone, from, to]);
  await db.query(unpacked, [supplyPointIds, new Date(span.fromMs), new Date(span.toMs)]);
}

/** What shares are made of, unrounded. */
export type PlainFigures = {
  readonly participants: number;
  readonly annualWh: number;
  readonly basisDays: number;
  /** Quarter-hours of all supply points: measured, missing, all. */
  readonly quality: readonly [measured: number, missing: number, all: number];
  readonly sumOfMaximaWh: number;
  readonly measuredWh: number;
  readonly peakWh: number;
  readonly winterWh: number;
  readonly maxWh: number;
  readonly maxAt: Date;
  readonly quarters: number;
  readonly monthlyWh: readonly { readonly month: string; readonly wh: number }[];
};

const figures = sqlText(import.meta.url, "./plain-figures.sql");

/** Over all rows of `plain_quarter`, which lie in the period of civil dates [from, to); with memory for its hash tables. */
export async function plainFigures(
  pool: Pool,
  { to }: CivilPeriod,
  cohortMin: number,
): Promise<PlainFigures> {
  const { rows } = await inTransaction(pool, async (client) => {
    await client.query("set local work_mem = '256MB'");
    return client.query<PlainFigures>(figures, [to, cohortMin]);
  });
  const [found] = rows;
  if (found === undefined) throw new Error("SQL gave no figures");
  return found;
}

/** Gigabytes that nothing after it needs. */
export async function dropPlainQuarters(db: Db): Promise<void> {
  await db.query("drop table plain_quarter, plain_calendar");
}

/** Bytes on disk, indexes included. */
export async function profileBytes(db: Db, table: "load_profile_day" | "plain_quarter"): Promise<number> {
  const { rows } = await db.query<{ bytes: string }>("select pg_total_relation_size($1::regclass) as bytes", [
    table,
  ]);
  return Number(rows[0]?.bytes ?? 0);
}
