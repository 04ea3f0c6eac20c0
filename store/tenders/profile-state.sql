-- $1 supply points, $2 the first day, or null for all, $3 the first day after. One hash of who feeds them and of how often each
-- day was revised: another one, as soon as a byte of their load in these days changes.
with source as (
  select a.supply_point_id, a.register_id, a.starts_at, a.ends_at
  from register_assignment a
  where a.supply_point_id = any ($1::integer[])
    and a.role = 'main'
),
line as (
  select concat_ws(' ', 'register', source.supply_point_id, source.register_id, source.starts_at, source.ends_at, d.state) as text
  from source
  cross join lateral (
    select concat_ws(' ', count(*), sum(revision), min(day), max(day)) as state
    from load_profile_day
    where register_id = source.register_id
      and ($2::date is null or day >= $2::date)
      and day < $3::date
  ) d
  union all
  select concat_ws(' ', 'imported', id, i.state)
  from unnest($1::integer[]) as id
  cross join lateral (
    select concat_ws(' ', count(*), sum(revision), min(day), max(day)) as state
    from imported_day
    where supply_point_id = id
      and direction = 'import'
      and ($2::date is null or day >= $2::date)
      and day < $3::date
  ) i
)
select md5(string_agg(text, ',' order by text)) as state
from line
