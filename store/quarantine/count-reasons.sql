-- Per reason, of what the viewer sees.
select
  q.reason,
  (count(*) filter (where q.replayed_at is null))::integer as waiting,
  (count(*) filter (where q.replay_requested_at is not null))::integer as requested,
  (count(*) filter (where q.replayed_at is not null))::integer as replayed,
  sum(octet_length(q.payload))::float8 as bytes,
  min(q.received_at) as "oldestAt",
  max(q.received_at) as "newestAt"
from seen_quarantine q
group by q.reason
order by q.reason
