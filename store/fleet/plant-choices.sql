-- $1 meters, $2 their names: the registers of each go to the supply point of the dwelling that has its name.
insert into device_supply_point (device_id, supply_point_id)
select told.device_id, s.id
from unnest($1::integer[], $2::text[]) as told (device_id, name)
join device d on d.id = told.device_id
join unit u on u.building_id = d.building_id and u.name = told.name
join supply_point s on s.unit_id = u.id
