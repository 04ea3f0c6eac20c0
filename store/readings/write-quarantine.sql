-- One array per column. An attempt whose answer was lost may have written these very rows: they are not written twice.
-- In the order of arrival, which is the order in which they are read again.
insert into quarantine (
  device_id, received_at, client_id, topic, payload, retained, profile, reason, detail, trace_id, external_id
)
select
  device_id, received_at, client_id, topic, payload, retained, profile, reason, detail, trace_id, external_id
from unnest(
  $1::integer[], $2::timestamptz[], $3::bytea[], $4::bytea[], $5::bytea[], $6::boolean[], $7::text[], $8::text[], $9::text[],
  $10::text[], $11::text[]
) with ordinality as incoming (
  device_id, received_at, client_id, topic, payload, retained, profile, reason, detail, trace_id, external_id, place
)
where not exists (
  select 1
  from quarantine known
  where (known.device_id = incoming.device_id or (known.device_id is null and incoming.device_id is null))
    and known.received_at = incoming.received_at
    and known.reason = incoming.reason
    and known.topic = incoming.topic
    and known.payload = incoming.payload
)
order by place
