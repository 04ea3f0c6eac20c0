-- One array per column. A request that came while the attempt was under way (lease: in the future) stays.
update quarantine q
set
  device_id = coalesce(again.device_id, q.device_id),
  external_id = again.external_id,
  profile = again.profile,
  reason = again.reason,
  detail = again.detail,
  replayed_at = null,
  replay_requested_at = case when q.replay_requested_at <= now() then q.replay_requested_at end
from unnest($1::bigint[], $2::integer[], $3::text[], $4::text[], $5::text[], $6::text[])
  as again (id, device_id, external_id, profile, reason, detail)
where q.id = again.id
