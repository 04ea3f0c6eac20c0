-- $1 received before, $2 rows at most, $3 UTC day of deletion. Rows that are being read again are left for the next time.
with old as (
  select id
  from quarantine
  where received_at < $1
  order by received_at
  limit $2
  for update skip locked
),
gone as (
  delete from quarantine q
  using old
  where q.id = old.id
  returning coalesce(q.device_id, 0) as device_id, octet_length(q.payload) as bytes
),
counted as (
  insert into policy_deletion (policy, device_id, day, row_count, byte_count)
  select 'quarantine_expiry', device_id, $3::date, count(*), sum(bytes)
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
