-- $2 bytes of payload shown. What the viewer may see of quarantine; ends where conditions follow.
select
  q.id::float8 as id,
  q.device_id as "deviceId",
  d.building_id as "buildingId",
  q.external_id as "externalId",
  q.received_at as "receivedAt",
  q.client_id as "clientId",
  q.topic,
  substring(q.payload from 1 for $2) as payload,
  octet_length(q.payload) as "payloadBytes",
  q.retained,
  q.profile,
  q.reason,
  q.detail,
  q.trace_id as "traceId",
  q.attempts,
  q.replay_requested_at as "replayRequestedAt",
  q.replayed_at as "replayedAt"
from seen_quarantine q
left join device d on d.id = q.device_id
