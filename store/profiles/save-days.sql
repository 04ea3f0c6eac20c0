-- $1 registers, $2 days, $3 quarters, $4 statuses, parallel. The revision grows only when a byte changes.
insert into load_profile_day as p (register_id, day, quarters, statuses, computed_at)
select register_id, day, quarters, statuses, now()
from unnest($1::integer[], $2::date[], $3::bytea[], $4::bytea[]) as fresh (register_id, day, quarters, statuses)
order by register_id, day
on conflict (register_id, day) do update
set
  quarters = excluded.quarters,
  statuses = excluded.statuses,
  computed_at = excluded.computed_at,
  revision = p.revision
    + case when p.quarters <> excluded.quarters or p.statuses <> excluded.statuses then 1 else 0 end
