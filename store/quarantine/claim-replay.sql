-- $1 the row, $2 seconds for which nobody else takes it. Nothing comes back of one that was read again already.
with claimed as (
  update quarantine q
  set attempts = attempts + 1, replay_requested_at = now() + make_interval(secs => $2)
  where q.id = $1
    and q.replayed_at is null
    and (
      q.device_id is null and q.reason = 'device_unknown'
      or exists (
        select 1
        from device d
        where d.id = q.device_id
          and d.removed_at is null
      )
    )
  returning q.*
)
