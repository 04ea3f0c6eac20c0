-- $1 supply points. The cumulative registers of their profiles: those assigned to each, and those of the same devices that nobody
-- has.
-- first_day, last_day: of their profiles, which reach a day beyond their readings at most.
select
  s.id as supply_point_id,
  r.id,
  r.device_id,
  r.name,
  r.equipment_id,
  r.quantity,
  r.unit,
  r.direction,
  r.tariff,
  a.id as assignment_id,
  a.role,
  (extract(epoch from a.starts_at) * 1000)::float8 as starts_ms,
  a.starts_with_values,
  (extract(epoch from a.ends_at) * 1000)::float8 as ends_ms,
  p.first_day - date '1970-01-01' as first_day,
  p.last_day - date '1970-01-01' as last_day
from (
  select distinct b.supply_point_id, own.device_id
  from register_assignment b
  join register own on own.id = b.register_id
  where b.supply_point_id = any ($1::integer[])
) measured
join supply_point s on s.id = measured.supply_point_id
join register r
  on r.device_id = measured.device_id
  and r.carrier = s.carrier
  and r.kind = 'cumulative'
  and r.quantity = case when s.carrier in ('electricity', 'heat') then 'energy' else 'volume' end
left join register_assignment a on a.register_id = r.id
cross join lateral (
  select
    (select d.day from load_profile_day d where d.register_id = r.id order by d.day limit 1) as first_day,
    (select d.day from load_profile_day d where d.register_id = r.id order by d.day desc limit 1) as last_day
) p
where a.supply_point_id = s.id
  or a.id is null
order by s.id, r.id, a.starts_at
