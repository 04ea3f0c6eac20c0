-- $1 whether by sender behind a gateway or by device, $2 messages and $3 bytes that each may keep, $4 rows at most,
-- $5 UTC day of deletion, $6 only devices of which something was received since then.
with active as (
  select distinct device_id
  from quarantine
  where received_at >= $6
),
looked_at as not materialized (
  select
    q.id,
    coalesce(q.device_id, 0) as device_id,
    case when $1::boolean then q.external_id else '' end as sender,
    q.received_at,
    q.replayed_at,
    octet_length(q.payload) as bytes
  from active a
  join quarantine q on q.device_id = a.device_id
  where not $1::boolean
    or q.external_id is not null
  union all
  select q.id, 0, '', q.received_at, q.replayed_at, octet_length(q.payload)
  from quarantine q
  where q.device_id is null
    and not $1::boolean
    and exists (select 1 from active where device_id is null)
),
-- Nearly always nobody: only whoever is over is put in order.
crowded as (
  select device_id, sender
  from looked_at
  group by device_id, sender
  having count(*) > $2
    or sum(bytes) > $3
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
excess as (
  select q.id
  from quarantine q
  join ranked r using (id)
  where r.place > $2
    or r.bytes > $3
  limit $4
  for update of q skip locked
),
gone as (
  delete from quarantine q
  using excess
  where q.id = excess.id
  returning coalesce(q.device_id, 0) as device_id, octet_length(q.payload) as bytes
),
counted as (
  insert into policy_deletion (policy, device_id, day, row_count, byte_count)
  select 'quarantine_quota', device_id, $5::date, count(*), sum(bytes)
  from gone
  group by device_id
  order by device_id
  on conflict (policy, device_id, day) do update
  set
    row_count = policy_deletion.row_count + excluded.row_count,
    byte_count = policy_deletion.byte_count + excluded.byte_count
)
select count(*)::integer as rows, coalesce(sum(bytes), 0)::float8 as bytes
from gone
