-- $1 policy, $2 UTC day of deletion. Deletes the rows of `doomed` and counts them by device in the same statement.
,
gone as (
  delete from quarantine q
  using doomed
  where q.id = doomed.id
  returning coalesce(q.device_id, 0) as device_id, octet_length(q.payload) as bytes
),
counted as (
  insert into policy_deletion (policy, device_id, day, row_count, byte_count)
  select $1, device_id, $2::date, count(*), sum(bytes)
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
