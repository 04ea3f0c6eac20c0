-- $2 gateway (null: all), $3 and $4 the gateway and name after which the page begins, $5 rows, $6 bytes of payload shown.
-- Continues the viewer's tables (scope.sql). Names are stepped through, not collected: a page costs what it shows.
,
gateway as (
  select
    d.id,
    d.building_id,
    b.timezone
  from device d
  join seen_device seen on seen.id = d.id
  join building b on b.id = d.building_id
  where d.profile = 'gateway'
    and d.id >= $3
    and ($2::integer is null or d.id = $2)
),
stranger as (
  select g.*, name.external_id
  from gateway g
  cross join lateral (
    with recursive step as (
      (
        select q.external_id
        from quarantine q
        where q.device_id = g.id
          and q.reason = 'device_unclaimed'
          and q.replayed_at is null
          and q.external_id > case when g.id = $3 then $4 else '' end
        order by q.external_id
        limit 1
      )
      union all
      select (
        select q.external_id
        from quarantine q
        where q.device_id = g.id
          and q.reason = 'device_unclaimed'
          and q.replayed_at is null
          and q.external_id > step.external_id
        order by q.external_id
        limit 1
      )
      from step
      where step.external_id is not null
    )
    select step.external_id
    from step
    where step.external_id is not null
      and not exists (
        select 1
        from device child
        where child.parent_id = g.id
          and child.external_id = step.external_id
          and child.removed_at is null
      )
    limit $5
  ) name
  order by g.id, name.external_id
  limit $5
)
select
  s.id as "gatewayId",
  s.building_id as "buildingId",
  s.timezone,
  exists (select 1 from seen_quarantine message where message.id = latest.id) as readable,
  s.external_id as "externalId",
  said.messages,
  said.bytes,
  said.first_at as "firstSeenAt",
  said.last_at as "lastSeenAt",
  latest.profile,
  latest.topic,
  latest.received_at as "receivedAt",
  case when octet_length(latest.payload) <= $6 then latest.payload end as payload
from stranger s
cross join lateral (
  select
    count(*)::integer as messages,
    sum(octet_length(q.payload))::float8 as bytes,
    min(q.received_at) as first_at,
    max(q.received_at) as last_at
  from quarantine q
  where q.device_id = s.id
    and q.external_id = s.external_id
    and q.reason = 'device_unclaimed'
    and q.replayed_at is null
) said
cross join lateral (
  select q.id, q.profile, q.topic, q.received_at, q.payload
  from quarantine q
  where q.device_id = s.id
    and q.external_id = s.external_id
    and q.reason = 'device_unclaimed'
    and q.replayed_at is null
  order by q.id desc
  limit 1
) latest
order by s.id, s.external_id
