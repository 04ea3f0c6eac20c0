-- $1 supply points, $2 from, $3 the last instant, $4 direction, $5 rows before (0: from the newest), $6 rows at most, and those of the
-- same change with the last. The days of their main registers, each while it was main, and of their imported history; the newest
-- change first. Days of which only a status changed are left out.
select
  c.id::float8 as id,
  a.supply_point_id as "supplyPointId",
  c.layer,
  c.register_id as "registerId",
  c.import_id as "importId",
  c.day - date '1970-01-01' as day,
  c.changed_at as "changedAt",
  c.cause,
  c.revision,
  c.before_quarters as "beforeQuarters",
  c.before_statuses as "beforeStatuses",
  c.after_quarters as "afterQuarters",
  c.after_statuses as "afterStatuses",
  (extract(epoch from a.starts_at) * 1000)::float8 as "fromMs",
  (extract(epoch from a.ends_at) * 1000)::float8 as "toMs"
from register_assignment a
join register r on r.id = a.register_id
join load_change c
  on c.register_id = a.register_id
  and a.starts_at < (c.day + 1)::timestamp at time zone 'UTC'
  and a.ends_at > c.day::timestamp at time zone 'UTC'
where a.supply_point_id = any ($1::integer[])
  and a.role = 'main'
  and coalesce(r.direction, 'import') = $4
  and c.day >= ($2::timestamptz at time zone 'UTC')::date
  and c.day <= ($3::timestamptz at time zone 'UTC')::date
  and ($5::bigint = 0 or c.id < $5)
  and c.before_quarters <> c.after_quarters
union all
select
  c.id::float8,
  c.supply_point_id,
  c.layer,
  null,
  c.import_id,
  c.day - date '1970-01-01',
  c.changed_at,
  c.cause,
  c.revision,
  c.before_quarters,
  c.before_statuses,
  c.after_quarters,
  c.after_statuses,
  '-infinity'::float8,
  'infinity'::float8
from load_change c
where c.supply_point_id = any ($1::integer[])
  and c.direction = $4
  and c.day >= ($2::timestamptz at time zone 'UTC')::date
  and c.day <= ($3::timestamptz at time zone 'UTC')::date
  and ($5::bigint = 0 or c.id < $5)
  and c.before_quarters <> c.after_quarters
order by id desc
fetch first ($6) rows with ties
