-- $1 registers at most. Takes all due days of the registers that have waited longest; those of another worker are left to it.
with chosen as (
  select register_id
  from estimate_due
  where not_before <= now()
  group by register_id
  order by min(not_before), register_id
  limit $1
),
taken as (
  select d.register_id, d.day
  from estimate_due d
  join chosen using (register_id)
  where d.not_before <= now()
  for update of d skip locked
),
gone as (
  delete from estimate_due d
  using taken t
  where d.register_id = t.register_id
    and d.day = t.day
  returning d.register_id, d.day
)
select
  g.register_id as "registerId",
  array_agg(g.day - date '1970-01-01' order by g.day) as days,
  min(r.carrier) as carrier,
  coalesce(min(b.id), 0) as "buildingId",
  coalesce(min(b.timezone), 'UTC') as timezone,
  coalesce(min(b.country), '') as country
from gone g
join register r on r.id = g.register_id
join device d on d.id = r.device_id
join building b on b.id = d.building_id
group by g.register_id
order by g.register_id
