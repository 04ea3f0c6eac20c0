-- The rows of `claimed`, each with its device as it is today; not `readable` where that is gone. One without any names in
-- its topic whom it may be from.
select
  c.id::float8 as id,
  c.received_at as "receivedAt",
  c.client_id as "clientId",
  c.topic,
  c.payload,
  c.retained,
  c.replay_requested_at is not null as readable,
  case
    when d.id is not null then json_build_object(
      'id', d.id,
      'buildingId', d.building_id,
      'profile', d.profile,
      'expectedIntervalS', d.expected_interval_s,
      'timezone', b.timezone,
      'parentId', d.parent_id
    )
  end as device
from claimed c
left join device d on d.id = c.device_id
left join building b on b.id = d.building_id
order by c.id
