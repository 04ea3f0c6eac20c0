-- A total that was seen before its parts per tariff counted alone until now. $1 device, $2 the parts just created,
-- $3 quantities that add up.
update register_assignment a
set role = 'sub'
from register total
where a.register_id = total.id
  and a.role = 'main'
  and a.ends_at = 'infinity'
  and total.device_id = $1
  and total.kind = 'cumulative'
  and total.quantity = any($3::text[])
  and total.tariff is null
  and exists (
    select 1
    from register part
    where part.id = any($2::integer[])
      and part.equipment_id = total.equipment_id
      and part.carrier = total.carrier
      and part.quantity = total.quantity
      and part.kind = total.kind
      and part.direction is not distinct from total.direction
      and part.tariff is not null
  )
