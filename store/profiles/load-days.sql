-- $1 supply points, $2 direction, $3 from, $4 to (exclusive), $5 first UTC day, $6 first UTC day after.
-- A meter of several quantities (heat: energy and volume) feeds the profile with its carrier's quantity only.
select
  r.id as register_id,
  a.supply_point_id,
  (extract(epoch from a.starts_at) * 1000)::float8 as from_ms,
  (extract(epoch from a.ends_at) * 1000)::float8 as to_ms,
  p.day,
  p.quarters,
  p.statuses,
  p.revision
from register_assignment a
join register r on r.id = a.register_id
join supply_point s on s.id = a.supply_point_id
left join load_profile_day p
  on p.register_id = r.id
  and p.day >= $5::date
  and p.day < $6::date
where a.supply_point_id = any ($1::integer[])
  and a.role = 'main'
  and a.starts_at < $4::timestamptz
  and a.ends_at > $3::timestamptz
  and r.kind = 'cumulative'
  and r.quantity = case when s.carrier in ('electricity', 'heat') then 'energy' else 'volume' end
  and coalesce(r.direction, 'import') = $2
order by r.id, a.starts_at, p.day
