-- $1 profile, $2 expected interval, $3 SHA-256 of the secret.
with new_organisation as (
  insert into organisation (name, kind) values ('Test', 'syndic')
  returning id
),
new_building as (
  insert into building (
    organisation_id, name, address, postal_code, country, region, timezone, dwellings
  )
  select id, 'Test', 'Street 1', '1000', 'BE', 'BE-BRU', 'Europe/Brussels', 8
  from new_organisation
  returning id
),
new_supply_point as (
  insert into supply_point (building_id, carrier, direction, scope, vat_rate)
  select id, carrier, 'both', 'common', 0.06
  from new_building, unnest(array['electricity', 'gas', 'heat', 'water']) as carrier
  returning id, carrier
),
new_device as (
  insert into device (building_id, name, profile, expected_interval_s)
  select id, 'Test', $1, $2
  from new_building
  returning id, building_id, profile, expected_interval_s, parent_id
),
new_device_supply_point as (
  insert into device_supply_point (device_id, supply_point_id)
  select d.id, s.id
  from new_device d, new_supply_point s
),
new_credential as (
  insert into device_credential (device_id, secret_hash, created_at)
  select id, $3, now()
  from new_device
)
select
  json_build_object(
    'id', id,
    'buildingId', building_id,
    'profile', profile,
    'expectedIntervalS', expected_interval_s,
    'timezone', 'Europe/Brussels',
    'parentId', parent_id
  ) as context,
  (select json_object_agg(carrier, s.id) from new_supply_point s) as "supplyPoints"
from new_device
