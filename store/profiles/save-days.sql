-- $1 registers, $2 days, $3 quarters, $4 statuses, $5 the first quarter-hour that has a value or null, parallel. The revision grows
-- only when a byte changes. Of days that are new, or of which a byte changed, comes back what was shown: what was measured, what
-- was estimated, and the revision of both together that they have now. All parts see the rows as they were before.
-- An assignment that starts with values moves back to the earliest, but for those of a clock that was never set: nobody sends what is
-- older than a year. Its register is held before it, as by whoever assigns it (directory/hold-registers.ts): a worker waits for
-- these alone, and no other worker has the register.
with fresh as (
  select register_id, day, quarters, statuses, valued_from
  from unnest($1::integer[], $2::date[], $3::bytea[], $4::bytea[], $5::timestamptz[])
    as given (register_id, day, quarters, statuses, valued_from)
),
valued as (
  select register_id, min(valued_from) as valued_from
  from fresh
  where valued_from > now() - interval '400 days'
  group by register_id
),
held as materialized (
  select r.id, v.valued_from
  from valued v
  join register r on r.id = v.register_id
  where exists (
    select 1
    from register_assignment a
    where a.register_id = v.register_id
      and a.starts_with_values
      and a.starts_at > v.valued_from
  )
  order by r.id
  for no key update of r
),
moved as (
  update register_assignment a
  set starts_at = h.valued_from
  from held h
  where a.register_id = h.id
    and a.starts_with_values
    and a.starts_at > h.valued_from
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
  f.register_id as "registerId",
  f.day - date '1970-01-01' as day,
  coalesce(p.revision, 0) + 1 + coalesce(e.revision, 0) as revision,
  p.quarters,
  p.statuses,
  e.quarters as "estimatedQuarters",
  e.statuses as "estimatedStatuses"
from fresh f
left join load_profile_day p using (register_id, day)
left join estimated_day e using (register_id, day)
where p.register_id is null
  or p.quarters <> f.quarters
  or p.statuses <> f.statuses
