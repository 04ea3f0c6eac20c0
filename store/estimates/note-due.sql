-- $1 registers, $2 UTC days, $3 whether something is missing, $4 whether a byte changed, parallel: days just saved. Of those that
-- are over, of registers that count at a supply point: themselves where they have a gap or had one, and where they changed the days
-- around them whose estimates look that far (a UTC day is a day away from its civil one).
with saved as (
  select s.register_id, s.day, s.has_gap, s.is_changed
  from unnest($1::integer[], $2::date[], $3::boolean[], $4::boolean[]) as s (register_id, day, has_gap, is_changed)
  where s.day < (now() at time zone 'UTC')::date
    and exists (
      select 1
      from register_assignment a
      where a.register_id = s.register_id
        and a.role = 'main'
    )
)
insert into estimate_due (register_id, day, not_before)
select register_id, day, now()
from (
  select s.register_id, s.day
  from saved s
  where s.has_gap
    or exists (
      select 1
      from estimated_day e
      where e.register_id = s.register_id
        and e.day = s.day
    )
  union
  select e.register_id, e.day
  from saved s
  join estimated_day e
    on e.register_id = s.register_id
    and e.day between s.day - 101 and s.day + 101
    and e.day between s.day - e.reach_days - 1 and s.day + e.reach_days + 1
  where s.is_changed
    and e.reach_days > 0
) as due
on conflict (register_id, day) do nothing
