-- $1 the gateway of each meter, $2 what it calls it, $3 profile; in this order.
with meter as (
  insert into device (building_id, parent_id, external_id, name, profile)
  select gateway.building_id, gateway.id, told.name, told.name, $3::text
  from unnest($1::integer[], $2::text[]) with ordinality as told (gateway_id, name, place)
  join device gateway on gateway.id = told.gateway_id
  order by told.place
  returning id
)
select id
from meter
order by id
