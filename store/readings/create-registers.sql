-- $1 device, $2 registers a device may have, then one array per column of the registers first seen.
insert into register (
  device_id, name, equipment_id, carrier, quantity, unit, kind, tariff, direction, keep_every_s
)
select $1, seen.*
from unnest(
  $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::integer[]
) as seen (name, equipment_id, carrier, quantity, unit, kind, tariff, direction, keep_every_s)
where not exists (
  select 1
  from register known
  where known.device_id = $1
    and known.name = seen.name
    and known.equipment_id = seen.equipment_id
)
limit greatest(0, $2 - (select count(*) from register where device_id = $1))
on conflict do nothing
returning id, tariff
