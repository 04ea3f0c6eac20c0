-- $1 how many buildings. The register of one becomes the main register of the supply point of the same.
with new_organisation as (
  insert into organisation (name, kind)
  values ('Bench', 'coordinator')
  returning id
),
new_building as (
  insert into building (organisation_id, name, address, postal_code, country, region, timezone, dwellings)
  select o.id, 'Bench ' || n, 'Rue du Banc ' || n, '1000', 'BE', 'BE-BRU', 'Europe/Brussels', 20
  from new_organisation o, generate_series(1, $1::integer) n
  returning id
),
new_supply_point as (
  insert into supply_point (building_id, carrier, direction, scope, vat_rate)
  select id, 'electricity', 'import', 'common', 0.06
  from new_building
  returning id, building_id
),
new_device as (
  insert into device (building_id, name, profile)
  select id, 'Bench', 'senml'
  from new_building
  returning id, building_id
),
new_register as (
  insert into register (device_id, name, carrier, quantity, unit, kind, direction)
  select id, 'energy', 'electricity', 'energy', 'Wh', 'cumulative', 'import'
  from new_device
  returning id, device_id
),
pair as (
  select s.id as supply_point_id, r.id as register_id
  from new_supply_point s
  join new_device d on d.building_id = s.building_id
  join new_register r on r.device_id = d.id
),
new_assignment as (
  insert into register_assignment (register_id, supply_point_id, role)
  select register_id, supply_point_id, 'main'
  from pair
)
select supply_point_id, register_id
from pair
order by supply_point_id
