-- $3 whether by sender behind a gateway or by device, $4 messages and $5 bytes that each may keep, $6 rows at most, $7 only
-- devices of which something was received since then. Goes on in delete-counted.sql.
with active as (
  select distinct device_id
  from quarantine
  where received_at >= $7
),
looked_at as not materialized (
  select
    q.id,
    coalesce(q.device_id, 0) as device_id,
    case when $3::boolean then q.external_id else '' end as sender,
    q.received_at,
    q.replayed_at,
    octet_length(q.payload) as bytes
  from active a
  join quarantine q on q.device_id = a.device_id
  where not $3::boolean
    or q.external_id is not null
  union all
  select q.id, 0, '', q.received_at, q.replayed_at, octet_length(q.payload)
  from quarantine q
  where q.device_id is null
    and not $3::boolean
    and exists (select 1 from active where device_id is null)
),
-- Nearly always nobody: only whoever is over is put in order.
crowded as (
  select device_id, sender
  from looked_at
  group by device_id, sender
  having count(*) > $4
    or sum(bytes) > $5
),
ranked as (
  select l.id, row_number() over kept as place, sum(l.bytes) over kept as bytes
  from looked_at l
  join crowded c using (device_id, sender)
  window kept as (
    partition by device_id, sender
    order by (l.replayed_at is not null), l.received_at desc, l.id desc
    rows unbounded preceding
  )
),
doomed as (
  select q.id
  from quarantine q
  join ranked r using (id)
  where r.place > $4
    or r.bytes > $5
  limit $6
  for update of q skip locked
)
