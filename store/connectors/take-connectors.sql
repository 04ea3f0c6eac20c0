-- Takes for the holder $1 up to $2 connectors that nobody holds: new ones, and those of holders that fell silent.
with free as (
  select c.device_id
  from connector c
  join device d on d.id = c.device_id
  left join connector_state s on s.device_id = c.device_id
  where d.removed_at is null
    and (
      s.holder is null
      or not exists (
        select 1
        from connector_holder h
        where h.id = s.holder
          and h.held_until > now()
      )
    )
  order by c.device_id
  limit $2
  for update of c skip locked
)
insert into connector_state as s (device_id, holder, since)
select device_id, $1, now()
from free
on conflict (device_id) do update
set holder = excluded.holder,
  revision = 0,
  state = 'connecting',
  since = now(),
  next_attempt_at = null
where s.holder is null
  or not exists (
    select 1
    from connector_holder h
    where h.id = s.holder
      and h.held_until > now()
  )
