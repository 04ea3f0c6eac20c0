-- A total that was seen before its parts per tariff counted alone until now. $1 the parts just created, $2 quantities that
-- add up.
update register_assignment a
set role = 'sub'
from register total
where a.register_id = total.id
  and a.role = 'main'
  and a.ends_at = 'infinity'
  and total.kind = 'cumulative'
  and total.quantity = any($2::text[])
  and total.tariff is null
  and total.id in (
    select beside.id
    from register part
    join register beside
      on beside.device_id = part.device_id
      and beside.equipment_id = part.equipment_id
      and beside.carrier = part.carrier
      and beside.quantity = part.quantity
      and beside.kind = part.kind
      and beside.direction is not distinct from part.direction
    where part.id = any($1::integer[])
  )
