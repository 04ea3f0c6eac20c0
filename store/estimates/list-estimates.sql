-- $1 supply point, $2 direction, $3 from, $4 to (exclusive), $5 first UTC day, $6 first UTC day after: what is estimated of its main
-- registers, each while it was main, and beside it what was measured, under which it is not shown.
select
  e.register_id as "registerId",
  e.day - date '1970-01-01' as day,
  (extract(epoch from a.starts_at) * 1000)::float8 as "fromMs",
  (extract(epoch from a.ends_at) * 1000)::float8 as "toMs",
  e.quarters,
  e.statuses,
  e.methods,
  p.statuses as "measuredStatuses"
from register_assignment a
join register r on r.id = a.register_id
join estimated_day e on e.register_id = a.register_id
left join load_profile_day p on p.register_id = e.register_id and p.day = e.day
where a.supply_point_id = $1
  and a.role = 'main'
  and coalesce(r.direction, 'import') = $2
  and a.starts_at < $4::timestamptz
  and a.ends_at > $3::timestamptz
  and e.day >= $5::date
  and e.day < $6::date
  and e.statuses <> decode(repeat('00', 96), 'hex')
order by e.register_id, a.starts_at, e.day
