-- $1 first UTC day looked at. Yesterday of registers that count at a supply point and spoke from that day on, if nobody saved it
-- since it is over: they were silent all day, or nothing came of it any more. A clock that is ahead may have told of a later day.
insert into estimate_due (register_id, day, not_before)
select r.id, yesterday.day, now()
from (select (now() at time zone 'UTC')::date - 1 as day) yesterday
cross join register r
left join load_profile_day y on y.register_id = r.id and y.day = yesterday.day
where r.kind = 'cumulative'
  and exists (
    select 1
    from register_assignment a
    where a.register_id = r.id
      and a.role = 'main'
      and a.starts_at < now()
      and a.ends_at > now()
  )
  and exists (
    select 1
    from load_profile_day p
    where p.register_id = r.id
      and p.day between $1::date and yesterday.day
  )
  and (
    y.day is null
    or (
      y.computed_at < (yesterday.day + 1)::timestamp at time zone 'UTC'
      and position('\x00'::bytea in y.statuses) > 0
    )
  )
  and not exists (
    select 1
    from estimated_day e
    where e.register_id = r.id
      and e.day = yesterday.day
  )
on conflict (register_id, day) do nothing
