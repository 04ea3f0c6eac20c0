-- $2 device, $3 reason, both may be null, $4 rows at most. Continues the viewer's tables (scope.sql).
,
wanted as (
  select q.id
  from quarantine q
  join seen_quarantine seen on seen.id = q.id
  left join device d on d.id = q.device_id
  where q.replayed_at is null
    and (q.replay_requested_at is null or q.replay_requested_at > now())
    and ($2::integer is null or q.device_id = $2)
    and ($3::text is null or q.reason = $3)
    and (d.id is not null and d.removed_at is null or q.device_id is null and q.reason = 'device_unknown')
  order by q.id
  limit $4
  for update of q skip locked
),
marked as (
  update quarantine q
  set replay_requested_at = now()
  from wanted
  where q.id = wanted.id
  returning q.id
)
select count(*)::integer as count
from marked
