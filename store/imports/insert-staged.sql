-- $1 import; $2 supply points, $3 directions, $4 days from 1970, $7 resolutions in s, parallel; $5 their quarters and $6 their
-- statuses, end to end: one value each travels as it is, an array of them would be spelt out in text.
insert into import_day (import_id, supply_point_id, direction, day, quarters, statuses, resolution_s)
select
  $1,
  f.supply_point_id,
  f.direction,
  date '1970-01-01' + f.day,
  substring($5::bytea from (384 * (f.place - 1) + 1)::integer for 384),
  substring($6::bytea from (96 * (f.place - 1) + 1)::integer for 96),
  f.resolution_s
from unnest($2::integer[], $3::text[], $4::integer[], $7::integer[])
  with ordinality as f (supply_point_id, direction, day, resolution_s, place)
