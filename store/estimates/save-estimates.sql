-- $1 register, $2 days, $3 quarters, $4 statuses, $5 methods, $6 reaches, parallel. Days without an estimate that nothing can bring
-- one, and without a row before, get none. The revision grows only when a value changes; of such days the bytes that were there come
-- back.
with fresh as (
  select day, quarters, statuses, methods, reach_days
  from unnest($2::date[], $3::bytea[], $4::bytea[], $5::bytea[], $6::smallint[])
    as given (day, quarters, statuses, methods, reach_days)
),
saved as (
  insert into estimated_day as e (register_id, day, quarters, statuses, methods, reach_days)
  select $1, f.day, f.quarters, f.statuses, f.methods, f.reach_days
  from fresh f
  where f.statuses <> decode(repeat('00', 96), 'hex')
    or f.reach_days > 0
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
    methods = excluded.methods,
    reach_days = excluded.reach_days,
    computed_at = now(),
    revision = e.revision
      + case when e.quarters <> excluded.quarters or e.statuses <> excluded.statuses then 1 else 0 end
  where e.quarters <> excluded.quarters
    or e.statuses <> excluded.statuses
    or e.methods <> excluded.methods
    or e.reach_days <> excluded.reach_days
)
select
  e.day - date '1970-01-01' as day,
  e.quarters,
  e.statuses,
  e.revision
from estimated_day e
join fresh f using (day)
where e.register_id = $1
  and (e.quarters <> f.quarters or e.statuses <> f.statuses)
