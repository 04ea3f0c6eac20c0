-- $1 registers. Every day with a reading of theirs is stale, with the days a silence away.
insert into journal (register_ids, days)
select
  array_agg(register_id),
  array_agg(day)
from (
  select distinct
    g.id as register_id,
    (r.observed_at at time zone 'UTC')::date + shift as day
  from register g
  join layout l on l.device_id = g.device_id and g.id = any (l.register_ids)
  join reading r on r.device_id = l.device_id and r.layout_id = l.id
  cross join generate_series(-1, 1) as shift
  where g.id = any ($1::integer[])
) as stale
having count(*) > 0
