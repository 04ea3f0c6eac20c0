-- $1 supply points, $2 from, $3 to (exclusive).
insert into plain_quarter (supply_point_id, from_at, wh, status)
select a.supply_point_id, q.from_at, q.energy, q.status
from register_assignment a
cross join lateral load_profile_quarters(
  a.register_id,
  ($2::timestamptz at time zone 'UTC')::date,
  ($3::timestamptz at time zone 'UTC')::date + 1
) q
where a.supply_point_id = any ($1::integer[])
  and q.from_at >= $2
  and q.from_at < $3
