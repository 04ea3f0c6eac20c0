-- The commands that wait for devices $1, not expired at $2, oldest first, locked: two brokers at which a device is connected
-- decide one after the other. What was handed to a subscription without acknowledgement (no sent_by) waits no more.
select id::float8 as id, device_id as "deviceId", topic, sent_by as "sentBy"
from device_command
where device_id = any($1::integer[])
  and (state = 'pending' or (state = 'sent' and sent_by is not null))
  and expires_at > $2
order by device_id, device_command.id
for no key update
