-- $1 first UTC day looked at. Yesterday of registers that count at a supply point, spoke since that day and were silent yesterday:
-- nobody saved that day, so nobody noted it.
insert into estimate_due (register_id, day, not_before)
select r.id, yesterday.day, now()
from (select (now() at time zone 'UTC')::date - 1 as day) yesterday
cross join register r
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
      and p.day >= $1::date
  )
  and not exists (
    select 1
    from load_profile_day p
    where p.register_id = r.id
      and p.day >= yesterday.day
  )
  and not exists (
    select 1
    from estimated_day e
    where e.register_id = r.id
      and e.day = yesterday.day
  )
on conflict (register_id, day) do nothing
