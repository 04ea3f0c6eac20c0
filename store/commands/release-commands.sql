-- Commands that broker $1 sent and whose acknowledgement it will not hear wait again, and every broker hears that they do.
-- $2: of these only; null: all of that broker.
with released as (
  update device_command
  set state = 'pending', sent_by = null
  where state = 'sent'
    and sent_by = $1
    and ($2::bigint[] is null or id = any($2))
  returning device_id
)
insert into device_change (device_id, kind)
select distinct device_id, 'command'
from released
