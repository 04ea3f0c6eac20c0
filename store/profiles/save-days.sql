-- $1 registers, $2 days, $3 quarters, $4 statuses, parallel. The revision grows only when a byte changes; of such days the
-- bytes that were there come back. Both parts see the rows as they were before.
with fresh as (
  select register_id, day, quarters, statuses
  from unnest($1::integer[], $2::date[], $3::bytea[], $4::bytea[]) as given (register_id, day, quarters, statuses)
),
saved as (
  insert into load_profile_day as p (register_id, day, quarters, statuses, computed_at)
  select register_id, day, quarters, statuses, now()
  from fresh
  order by register_id, day
  on conflict (register_id, day) do update
  set
    quarters = excluded.quarters,
    statuses = excluded.statuses,
    computed_at = excluded.computed_at,
    revision = p.revision
      + case when p.quarters <> excluded.quarters or p.statuses <> excluded.statuses then 1 else 0 end
)
select
  p.register_id as "registerId",
  p.day - date '1970-01-01' as day,
  p.quarters,
  p.statuses
from load_profile_day p
join fresh f using (register_id, day)
where p.quarters <> f.quarters
  or p.statuses <> f.statuses
