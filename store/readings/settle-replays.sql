-- $1 rows, $2 whose each of them is: what a gateway was heard saying of a device is that device's now.
update quarantine q
set
  device_id = settled.device_id,
  external_id = null,
  replayed_at = now(),
  replay_requested_at = null
from unnest($1::bigint[], $2::integer[]) as settled (id, device_id)
where q.id = settled.id
