-- $1 registers, $2 days, $3 whether late, $4 causes, parallel: with what is needed to judge each register.
select
  r.device_id,
  p.register_id,
  p.day - date '1970-01-01' as day,
  r.carrier,
  r.quantity,
  r.unit,
  r.interpolate_max_s,
  r.max_per_hour,
  k.connection_kva,
  p.late,
  p.cause,
  extract(epoch from now() - d.computed_at)::float8 * 1000 as computed_ago_ms
from unnest($1::integer[], $2::date[], $3::boolean[], $4::text[]) as p (register_id, day, late, cause)
join register r on r.id = p.register_id
left join load_profile_day d on d.register_id = p.register_id and d.day = p.day
left join lateral (
  select max(s.connection_kva)::float8 as connection_kva
  from register_assignment a
  join supply_point s on s.id = a.supply_point_id
  where a.register_id = r.id
) k on true
where r.kind = 'cumulative'
  and r.quantity in ('energy', 'volume')
order by r.device_id, p.day, p.register_id
