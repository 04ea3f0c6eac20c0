-- $1 first UTC day looked at. Yesterday and the day before it, of registers that counted at a supply point then and spoke from $1 on,
-- where nobody saved the day, or not since yesterday began and something is missing. A meter that lives saves a day when it is over,
-- but at midnight it has not yet: so of yesterday only what was saved before it began counts, as by a clock that was ahead.
insert into estimate_due (register_id, day, not_before)
select r.id, over.day, now()
from (select (now() at time zone 'UTC')::date - 1 as day) yesterday
cross join lateral (values (yesterday.day - 1), (yesterday.day)) over (day)
cross join register r
left join load_profile_day p on p.register_id = r.id and p.day = over.day
where r.kind = 'cumulative'
  and exists (
    select 1
    from register_assignment a
    where a.register_id = r.id
      and a.role = 'main'
      and a.starts_at < (over.day + 1)::timestamp at time zone 'UTC'
      and a.ends_at > over.day::timestamp at time zone 'UTC'
  )
  and exists (
    select 1
    from load_profile_day s
    where s.register_id = r.id
      and s.day between $1::date and over.day
  )
  and (
    p.day is null
    or (
      p.computed_at < yesterday.day::timestamp at time zone 'UTC'
      and position('\x00'::bytea in p.statuses) > 0
    )
  )
  and not exists (
    select 1
    from estimated_day e
    where e.register_id = r.id
      and e.day = over.day
  )
on conflict (register_id, day) do nothing
