-- $1 import; $2 supply points, $3 days from 1970, $6 resolutions in s, parallel; $4 their quarters and $5 their statuses, end
-- to end: one value each travels as it is, an array of them would be spelt out in text. A supply point that only feeds in has
-- history of that direction; every other file is of what is taken from the grid.
insert into import_day (import_id, supply_point_id, direction, day, quarters, statuses, resolution_s)
select
  $1,
  f.supply_point_id,
  case when s.direction = 'export' then 'export' else 'import' end,
  date '1970-01-01' + f.day,
  substring($4::bytea from (384 * (f.place - 1) + 1)::integer for 384),
  substring($5::bytea from (96 * (f.place - 1) + 1)::integer for 96),
  f.resolution_s
from unnest($2::integer[], $3::integer[], $6::integer[])
  with ordinality as f (supply_point_id, day, resolution_s, place)
join supply_point s on s.id = f.supply_point_id
