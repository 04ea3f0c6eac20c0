-- $1 building, $2 from, $3 to (exclusive): of each hour the first reading of each register that hung outside then.
select distinct on (r.id, date_trunc('hour', o.observed_at))
  (extract(epoch from o.observed_at) * 1000)::float8 as "atMs",
  r.unit,
  array_position(l.register_ids, r.id) as position,
  o."values"
from supply_point s
join register_assignment a on a.supply_point_id = s.id and a.role = 'outside'
join register r on r.id = a.register_id and r.quantity = 'temperature'
join layout l on l.device_id = r.device_id and l.register_ids @> array[r.id]
join reading o
  on o.device_id = l.device_id
  and o.layout_id = l.id
  and o.observed_at >= greatest(a.starts_at, $2::timestamptz)
  and o.observed_at < least(a.ends_at, $3::timestamptz)
where s.building_id = $1
order by r.id, date_trunc('hour', o.observed_at), o.clock, o.observed_at, o.fingerprint
