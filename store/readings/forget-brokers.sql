-- Forgets the brokers that were silent for $1 milliseconds: what was connected there has gone (when it was heard last, or
-- later if it came after that), and what they sent and nobody acknowledged waits again.
with silent as (
  delete from broker
  where heard_at < now() - $1 * interval '1 millisecond'
  returning id, heard_at
),
gone as (
  update device d
  set disconnected_at = greatest(s.heard_at, d.connected_at), connected_by = null
  from silent s
  where d.connected_by = s.id
),
released as (
  update device_command c
  set state = 'pending', sent_by = null
  from silent s
  where c.sent_by = s.id
    and c.state = 'sent'
  returning c.device_id
),
told as (
  insert into device_change (device_id, kind)
  select distinct device_id, 'command'
  from released
)
select id
from silent
