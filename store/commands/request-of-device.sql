-- $1 device, $2 topic, $3 payload, $4 created, $5 expires. Nothing where the same is waiting already.
insert into device_command (device_id, topic, payload, created_at, expires_at)
select $1, $2, $3, $4, $5
where exists (
    select 1
    from device
    where id = $1
      and removed_at is null
  )
  and not exists (
    select 1
    from device_command
    where device_id = $1
      and topic = $2
      and payload = $3
      and state in ('pending', 'sent')
      and expires_at > $4
  )
