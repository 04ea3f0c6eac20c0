-- $1 meters, $2 their names: a dwelling and a supply point for each.
with dwelling as (
  insert into unit (building_id, name, kind)
  select d.building_id, told.name, 'dwelling'
  from unnest($1::integer[], $2::text[]) as told (device_id, name)
  join device d on d.id = told.device_id
  returning id, building_id
)
insert into supply_point (building_id, unit_id, carrier, direction, scope, vat_rate)
select building_id, id, 'electricity', 'both', 'private', 0.06
from dwelling
