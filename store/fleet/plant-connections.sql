-- $1 buildings, $2 connections of each, $3 profile, $4 the hashes of their secrets; devices in the order of the secrets.
with connection as (
  insert into device (building_id, name, profile)
  select ($1::integer[])[1 + (place - 1) / $2::integer], 'Connection ' || place, $3::text
  from unnest($4::bytea[]) with ordinality as secret (hash, place)
  order by place
  returning id
),
numbered as (
  select id, row_number() over (order by id) as place
  from connection
),
credential as (
  insert into device_credential (device_id, secret_hash, created_at)
  select numbered.id, secret.hash, now()
  from numbered
  join unnest($4::bytea[]) with ordinality as secret (hash, place) using (place)
)
select id
from connection
order by id
