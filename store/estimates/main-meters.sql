-- $1 supply point, $2 direction, $3 from, $4 to (exclusive): its main registers of indices, each with when it was main and
-- the unit of its readings.
select
  r.id as "registerId",
  r.device_id as "deviceId",
  r.unit,
  (extract(epoch from a.starts_at) * 1000)::float8 as "fromMs",
  (extract(epoch from a.ends_at) * 1000)::float8 as "toMs"
from register_assignment a
join register r on r.id = a.register_id
where a.supply_point_id = $1
  and a.role = 'main'
  and coalesce(r.direction, 'import') = $2
  and r.kind = 'cumulative'
  and a.starts_at < $4
  and a.ends_at > $3
order by r.id, a.starts_at
