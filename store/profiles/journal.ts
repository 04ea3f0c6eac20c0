// The journal of stale profiles: claiming its rows, and putting back what must wait.
import type { Carrier } from "#devices/vocabulary";
import { DAY_MS, utcDay } from "#devices/time";
import { sqlText, type Db, type PoolClient } from "../pool.ts";

/** Why a day is stale: readings came, a rule changed by which they are judged, or a person ruled. In this order the later tells more. */
export const STALE_CAUSES = ["readings", "rule_changed", "ruling"] as const;
export type StaleCause = (typeof STALE_CAUSES)[number];

/** A register's UTC day (counted from 1970) whose profile is stale, with what is needed to judge the register. */
export type StaleDay = {
  readonly deviceId: number;
  readonly registerId: number;
  readonly day: number;
  readonly carrier: Carrier | null;
  readonly quantity: string;
  readonly unit: string;
  readonly interpolateMaxS: number;
  /** Decimal text, unit per hour. */
  readonly maxPerHour: string | null;
  readonly connectionKva: number | null;
  /** Late readings made it stale: quarters already shown are wrong. */
  readonly late: boolean;
  readonly cause: StaleCause;
  /** Since the row was last computed; `null` where there is none. */
  readonly computedAgoMs: number | null;
};

export type JournalPair = {
  readonly registerId: number;
  readonly day: number;
  readonly late: boolean;
  /** `readings` where it is not told. */
  readonly cause?: StaleCause;
};

type ClaimedRow = {
  device_id: number;
  register_id: number;
  day: number;
  carrier: Carrier | null;
  quantity: string;
  unit: string;
  interpolate_max_s: number;
  max_per_hour: string | null;
  connection_kva: number | null;
  late: boolean;
  cause: StaleCause;
  computed_ago_ms: number | null;
};

const CLAIM = sqlText(import.meta.url, "./claim-journal.sql");

/** So many rows are looked at in one claim: commits come by the hundred a second, and most name the same days. */
const ROWS_MAX = 256;

/**
 * Takes rows that are due, oldest first, out of the journal, until they hold `pairsMax` pairs. Each pair comes once, by
 * device, day and register. What is taken is gone when the transaction commits: compute it, or put it back.
 */
export async function claimJournal(client: PoolClient, pairsMax: number): Promise<StaleDay[]> {
  const { rows } = await client.query<ClaimedRow>({
    name: "claim-journal",
    text: CLAIM,
    values: [ROWS_MAX, pairsMax],
  });
  return rows.map((row) => ({
    deviceId: row.device_id,
    registerId: row.register_id,
    day: row.day,
    carrier: row.carrier,
    quantity: row.quantity,
    unit: row.unit,
    interpolateMaxS: row.interpolate_max_s,
    maxPerHour: row.max_per_hour,
    connectionKva: row.connection_kva,
    late: row.late,
    cause: row.cause,
    computedAgoMs: row.computed_ago_ms,
  }));
}

/** One row: these pairs are due again in `delayMs`. */
export async function putBack(db: Db, pairs: readonly JournalPair[], delayMs: number): Promise<void> {
  if (pairs.length === 0) return;
  await db.query({
    name: "put-back",
    text: `insert into journal (not_before, register_ids, days, late, cause)
      values (now() + make_interval(secs => $1::float8 / 1000), $2::integer[], $3::date[], $4, $5)`,
    values: [
      delayMs,
      pairs.map((pair) => pair.registerId),
      pairs.map((pair) => utcDay(pair.day * DAY_MS)),
      pairs.some((pair) => pair.late),
      STALE_CAUSES.findLast((cause) => pairs.some((pair) => pair.cause === cause)) ?? "readings",
    ],
  });
}
