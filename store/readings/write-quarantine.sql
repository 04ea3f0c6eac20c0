-- One array per column. An attempt whose answer was lost may have written these very rows: they are not written twice.
insert into quarantine (
  device_id, received_at, client_id, topic, payload, retained, profile, reason, detail
)
select incoming.*
from unnest(
  $1::integer[], $2::timestamptz[], $3::bytea[], $4::bytea[], $5::bytea[], $6::boolean[], $7::text[], $8::text[], $9::text[]
) as incoming (device_id, received_at, client_id, topic, payload, retained, profile, reason, detail)
where not exists (
  select 1
  from quarantine known
  where known.device_id = incoming.device_id
    and known.received_at = incoming.received_at
    and known.reason = incoming.reason
    and known.topic = incoming.topic
    and known.payload = incoming.payload
)
