// PostgreSQL as the contract's tests use it: one database for all of them, emptied of what the pipeline writes before each.
import { loadSupplyPointDays, postgresStore, type Pool } from "#store";
import type { Bed, Rows } from "./test-bed.ts";

/** What refers to another first. Rows are deleted: with so few of them, truncating takes ten times as long. */
const EMPTIED =
  "reading quarantine journal load_profile_day unallocated register_decision register_ruling estimated_day estimate_due load_change " +
  "device_command device_fact layout register_assignment register device_supply_point supply_point device_change device";

/** The first of a database has number 1. */
const BUILDING = `
  with o as (
    insert into organisation (name, kind)
    select 'test', 'syndic' where not exists (select from organisation)
    returning id
  ),
  a as (
    insert into account (organisation_id, email, role) select id, 'a@example.org', 'admin' from o
  )
  insert into building (organisation_id, name, address, postal_code, country, region, timezone, dwellings)
  select id, 'one', 'street', '1000', 'BE', 'BE-BRU', 'Europe/Brussels', 4 from o`;

export async function postgresBed(pool: Pool): Promise<Bed> {
  await pool.query(
    EMPTIED.split(" ")
      .map((table) => `delete from ${table}`)
      .join(";"),
  );
  await pool.query(BUILDING);
  const list = async <Row extends object>(text: string): Promise<Row[]> => (await pool.query<Row>(text)).rows;
  const idOf = async (text: string, values: unknown[]): Promise<number> =>
    (await pool.query<{ id: number }>(text, values)).rows[0]?.id ?? 0;
  return {
    store: postgresStore(pool),
    addSupplyPoint: ({ carrier, direction, connectionKva }) =>
      idOf(
        `insert into supply_point (building_id, carrier, direction, scope, vat_rate, connection_kva)
         values (1, $1, $2, 'common', 0.06, $3) returning id`,
        [carrier, direction, connectionKva],
      ),
    addDevice: async (supplyPointIds, behind) => {
      const parentId = behind?.parentId ?? null;
      const id = await idOf(
        `insert into device (building_id, name, profile, parent_id, external_id) values (1, 'meter', 'senml', $1, $2)
         returning id`,
        [parentId, behind?.externalId ?? null],
      );
      await pool.query("insert into device_supply_point select $1, unnest($2::integer[])", [
        id,
        supplyPointIds,
      ]);
      const timezone = "Europe/Brussels";
      return { id, buildingId: 1, profile: "senml", expectedIntervalS: null, timezone, parentId };
    },
    addRuling: async ({ registerId, kind, fromMs, toMs, closingIndex, openingIndex }) => {
      await pool.query(
        `insert into register_ruling (register_id, kind, from_at, to_at, closing_index, opening_index, reason, ruled_by, ruled_at)
         values ($1, $2, $3, $4, $5, $6, 'seen', 1, now())`,
        [registerId, kind, new Date(fromMs), new Date(toMs), closingIndex, openingIndex],
      );
    },
    loadSupplyPointDays: (ids, query) => loadSupplyPointDays(pool, ids, query),
    computedEarlier: async (byMs) => {
      await pool.query(
        "update load_profile_day set computed_at = computed_at - make_interval(secs => $1::float8 / 1000)",
        [byMs],
      );
    },
    rows: async (): Promise<Rows> => ({
      registers: await list(
        `select r.id, r.device_id as "deviceId", r.name, r.equipment_id as "equipmentId", a.role,
           a.supply_point_id as "supplyPointId"
         from register r left join register_assignment a on a.register_id = r.id order by r.id`,
      ),
      layouts: await list(`select id, register_ids as "registerIds" from layout`),
      readings: await list(
        `select device_id as "deviceId", layout_id as "layoutId", clock, flags, "values",
           (extract(epoch from observed_at) * 1000)::float8 as "observedAtMs",
           (extract(epoch from received_at) * 1000)::float8 as "receivedAtMs"
         from reading`,
      ),
      quarantine: await list(
        `select id::integer, device_id as "deviceId", external_id as "externalId", topic, payload, profile, reason, detail,
           (extract(epoch from received_at) * 1000)::float8 as "receivedAtMs", replayed_at is not null as replayed,
           replay_requested_at is not null as "isRequested"
         from quarantine order by id`,
      ),
      journal: await list(
        `select late, cause, greatest(0, extract(epoch from not_before - now()) * 1000)::float8 as "dueInMs",
           (select json_agg(json_build_object('registerId', t.id, 'day', t.day - date '1970-01-01'))
            from unnest(register_ids, days) t (id, day)) as pairs
         from journal order by id`,
      ),
      days: await list(dayRows("load_profile_day")),
      estimates: await list(dayRows("estimated_day", `, methods, reach_days as "reachDays"`)),
      pieces: await list(
        `select register_id as "registerId", (extract(epoch from from_at) * 1000)::float8 as "fromMs",
           (extract(epoch from to_at) * 1000)::float8 as "toMs", energy::float8 as energy, cause
         from unallocated`,
      ),
      decisions: await list(
        `select register_id as "registerId", (extract(epoch from from_at) * 1000)::float8 as "fromMs",
           (extract(epoch from to_at) * 1000)::float8 as "toMs", kind, from_index::text as "fromIndex",
           to_index::text as "toIndex", ruling_id as "rulingId", evidence
         from register_decision`,
      ),
      due: await list(
        `select register_id as "registerId", day - date '1970-01-01' as day,
           greatest(0, extract(epoch from not_before - now()) * 1000)::float8 as "dueInMs"
         from estimate_due`,
      ),
      changes: (
        await list<ChangeRow>(
          `select layer, register_id as "registerId", day - date '1970-01-01' as day, cause, revision,
           before_quarters as "beforeQuarters", before_statuses as "beforeStatuses",
           after_quarters as "afterQuarters", after_statuses as "afterStatuses"
         from load_change order by id`,
        )
      ).map(({ beforeQuarters, beforeStatuses, afterQuarters, afterStatuses, ...change }) => ({
        ...change,
        before: { quarters: beforeQuarters, statuses: beforeStatuses },
        after: { quarters: afterQuarters, statuses: afterStatuses },
      })),
      commands: await list(`select device_id as "deviceId", topic, payload from device_command order by id`),
      seen: await list(
        `select id as "deviceId", (extract(epoch from last_seen_at) * 1000)::float8 as "seenAtMs",
           clock_skew_ms as "aheadMs"
         from device order by id`,
      ),
    }),
  };
}

type ChangeRow = Omit<Rows["changes"][number], "before" | "after"> & {
  readonly beforeQuarters: Buffer;
  readonly beforeStatuses: Buffer;
  readonly afterQuarters: Buffer;
  readonly afterStatuses: Buffer;
};

function dayRows(table: "load_profile_day" | "estimated_day", more = ""): string {
  return `select register_id as "registerId", day - date '1970-01-01' as day, quarters, statuses, revision${more} from ${table}`;
}
