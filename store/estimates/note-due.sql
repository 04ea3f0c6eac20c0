-- $1 registers, $2 UTC days, $3 whether something is missing, parallel: days just saved. Those that are over, of registers that
-- count at a supply point, and that have a gap or had one.
insert into estimate_due (register_id, day, not_before)
select saved.register_id, saved.day, now()
from unnest($1::integer[], $2::date[], $3::boolean[]) as saved (register_id, day, has_gap)
where saved.day < (now() at time zone 'UTC')::date
  and (
    saved.has_gap
    or exists (
      select 1
      from estimated_day e
      where e.register_id = saved.register_id
        and e.day = saved.day
    )
  )
  and exists (
    select 1
    from register_assignment a
    where a.register_id = saved.register_id
      and a.role = 'main'
  )
on conflict (register_id, day) do nothing
