-- $1 gateway, $2 how it calls the device. No row where the device is no gateway; no lastSeenAt where nothing is unclaimed.
select
  g.building_id as "buildingId",
  exists (
    select 1
    from device child
    where child.parent_id = g.id
      and child.external_id = $2
      and child.removed_at is null
  ) as claimed,
  latest.profile,
  latest.received_at as "lastSeenAt"
from device g
left join lateral (
  select q.profile, q.received_at
  from quarantine q
  where q.device_id = g.id
    and q.external_id = $2
    and q.reason = 'device_unclaimed'
    and q.replayed_at is null
  order by q.id desc
  limit 1
) latest on true
where g.id = $1
  and g.profile = 'gateway'
  and g.removed_at is null
