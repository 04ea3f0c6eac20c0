-- $1 gateways. A broker that had not heard of a claim yet quarantined these: they are the claimed device's, and are read again.
update quarantine q
set
  device_id = d.id,
  external_id = null,
  profile = d.profile,
  replay_requested_at = now()
from device d
where d.parent_id = any($1::integer[])
  and d.removed_at is null
  and q.device_id = d.parent_id
  and q.external_id = d.external_id
  and q.reason = 'device_unclaimed'
  and q.replayed_at is null
