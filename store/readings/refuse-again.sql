-- One array per column. A request that came while the attempt was under way (lease: in the future) stays. If the device behind
-- a gateway was removed meanwhile, the message is unclaimed again.
update quarantine q
set
  device_id = case when removed.id is null then coalesce(again.device_id, q.device_id) else removed.parent_id end,
  external_id = case when removed.id is null then again.external_id else removed.external_id end,
  profile = again.profile,
  reason = case when removed.id is null then again.reason else 'device_unclaimed' end,
  detail = again.detail,
  replayed_at = null,
  replay_requested_at = case when q.replay_requested_at <= now() then q.replay_requested_at end
from unnest($1::bigint[], $2::integer[], $3::text[], $4::text[], $5::text[], $6::text[])
  as again (id, device_id, external_id, profile, reason, detail)
left join device removed
  on removed.id = again.device_id
  and removed.parent_id is not null
  and removed.removed_at is not null
where q.id = again.id
