-- $1 a device; nothing happens to one that connects itself. Locks in the order of numbers, as whoever settles these rows does.
with waiting as (
  select q.id, d.parent_id, d.external_id
  from quarantine q
  join device d on d.id = q.device_id
  where q.device_id = $1
    and q.replayed_at is null
    and d.parent_id is not null
  order by q.id
  for update of q
)
update quarantine q
set
  device_id = w.parent_id,
  external_id = w.external_id,
  reason = 'device_unclaimed',
  detail = 'The device that this was of was removed, and nobody has claimed it since.',
  replay_requested_at = null
from waiting w
where q.id = w.id
