-- $1 rows at most, $2 bytes of payload after which no further row is taken, $3 seconds for which nobody else takes them.
-- A row of a device that is gone is taken off the list: there is nothing to read it as.
with due as (
  select id, octet_length(payload) as bytes
  from quarantine
  where replay_requested_at <= now()
  order by replay_requested_at, id
  limit $1
  for update skip locked
),
fitting as (
  select id
  from (
    select id, sum(bytes) over (order by id rows unbounded preceding) - bytes as bytes_before
    from due
  ) d
  where bytes_before < $2
),
claimed as (
  update quarantine q
  set
    attempts = attempts + 1,
    replay_requested_at = case
      when q.replayed_at is null and (
        q.device_id is null and q.reason = 'device_unknown'
        or exists (
          select 1
          from device d
          where d.id = q.device_id
            and d.removed_at is null
        )
      ) then now() + make_interval(secs => $3)
    end
  from fitting
  where q.id = fitting.id
  returning q.*
)
