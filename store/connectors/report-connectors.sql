-- How it goes with the connectors in the JSON array $2, as their holder $1 says; of one that another holds now nothing is written.
update connector_state s
set revision = r.revision,
  state = r.state,
  since = to_timestamp(r.since_ms / 1000),
  next_attempt_at = to_timestamp(r.next_attempt_at_ms / 1000),
  error_code = coalesce(r.error_code, s.error_code),
  error_detail = coalesce(r.error_detail, s.error_detail),
  error_at = coalesce(to_timestamp(r.error_at_ms / 1000), s.error_at),
  last_message_at = greatest(s.last_message_at, to_timestamp(r.last_message_at_ms / 1000)),
  messages = s.messages + r.messages
from jsonb_to_recordset($2::jsonb) as r (
  device_id integer, revision integer, state text, since_ms float8, next_attempt_at_ms float8, error_code text,
  error_detail text, error_at_ms float8, last_message_at_ms float8, messages bigint
)
where s.device_id = r.device_id
  and s.holder = $1
