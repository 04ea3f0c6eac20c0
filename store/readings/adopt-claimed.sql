-- $1 gateways. A broker that had not heard of a claim yet quarantined these: they are the claimed device's, and are read again.
-- Locks in the order of numbers, as whoever settles these rows does.
with stranded as (
  select q.id, d.id as device_id, d.profile
  from device d
  join quarantine q
    on q.device_id = d.parent_id
    and q.external_id = d.external_id
  where d.parent_id = any($1::integer[])
    and d.removed_at is null
    and q.reason = 'device_unclaimed'
    and q.replayed_at is null
  order by q.id
  for update of q
)
update quarantine q
set
  device_id = s.device_id,
  external_id = null,
  profile = s.profile,
  replay_requested_at = now()
from stranded s
where q.id = s.id
