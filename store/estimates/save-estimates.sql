-- $1 register, $2 days, $3 quarters, $4 statuses, parallel. Days without an estimate and without a row before get none. Returns the
-- bytes that were there of days that changed.
with fresh as (
  select day, quarters, statuses
  from unnest($2::date[], $3::bytea[], $4::bytea[]) as given (day, quarters, statuses)
),
saved as (
  insert into estimated_day as e (register_id, day, quarters, statuses)
  select $1, f.day, f.quarters, f.statuses
  from fresh f
  where f.statuses <> decode(repeat('00', 96), 'hex')
    or exists (
      select 1
      from estimated_day e
      where e.register_id = $1
        and e.day = f.day
    )
  order by f.day
  on conflict (register_id, day) do update
  set
    quarters = excluded.quarters,
    statuses = excluded.statuses,
    computed_at = now(),
    revision = e.revision + 1
  where e.quarters <> excluded.quarters
    or e.statuses <> excluded.statuses
)
select
  e.register_id as "registerId",
  e.day - date '1970-01-01' as day,
  e.quarters,
  e.statuses
from estimated_day e
join fresh f using (day)
where e.register_id = $1
  and (e.quarters <> f.quarters or e.statuses <> f.statuses)
