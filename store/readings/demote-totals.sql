-- A total that was seen before its parts per tariff counted alone until now. $1 the parts just created, $2 quantities that
-- add up. Materialized, so that it begins with these few and not with all assignments there are; their registers are held before
-- them (directory/hold-registers.ts).
with total as materialized (
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
    and beside.kind = 'cumulative'
    and beside.quantity = any($2::text[])
    and beside.tariff is null
  order by beside.id
  for no key update of beside
)
update register_assignment a
set role = 'sub'
where a.register_id in (select id from total)
  and a.role = 'main'
  and a.ends_at = 'infinity'
