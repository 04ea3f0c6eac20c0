-- $1 device, $2 reason and $3 external id, both may be null. A row whose attempt is under way is marked anew: the attempt may
-- know nothing of the fix that this request follows. Locks in the order of numbers, as whoever settles these rows does.
with wanted as (
  select id
  from quarantine
  where device_id = $1
    and ($2::text is null or reason = $2)
    and ($3::text is null or external_id = $3)
    and replayed_at is null
    and (replay_requested_at is null or replay_requested_at > now())
  order by id
  for update
)
update quarantine q
set replay_requested_at = now()
from wanted
where q.id = wanted.id
