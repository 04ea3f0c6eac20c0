-- $1 supply point, $2 from, $3 to (exclusive), $4 direction, $5 rows after, $6 rows at most. The days of its main registers, each
-- while it was main, and of its imported history; the newest change last.
select
  c.id::float8 as id,
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
  coalesce(extract(epoch from a.starts_at) * 1000, '-infinity')::float8 as "fromMs",
  coalesce(extract(epoch from a.ends_at) * 1000, 'infinity')::float8 as "toMs"
from load_change c
left join register r on r.id = c.register_id
left join register_assignment a
  on a.register_id = c.register_id
  and a.supply_point_id = $1
  and a.role = 'main'
  and a.starts_at < (c.day + 1)::timestamp at time zone 'UTC'
  and a.ends_at > c.day::timestamp at time zone 'UTC'
where (c.supply_point_id = $1 and c.direction = $4 or a.id is not null and coalesce(r.direction, 'import') = $4)
  and c.day >= ($2::timestamptz at time zone 'UTC')::date
  and c.day <= ($3::timestamptz at time zone 'UTC')::date
  and c.id > $5
order by c.id
limit $6
