-- One array per column: rows that named no device, the device that is registered now, and the topic as it means it.
update quarantine q
set device_id = known.device_id, topic = known.topic
from unnest($1::bigint[], $2::integer[], $3::bytea[]) as known (id, device_id, topic)
where q.id = known.id
  and q.device_id is null
