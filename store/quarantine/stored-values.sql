-- $1 device, $2 instants.
select r.observed_at as "observedAt", l.register_ids as "registerIds", r."values"
from reading r
join layout l on l.id = r.layout_id
where r.device_id = $1
  and r.observed_at = any($2::timestamptz[])
