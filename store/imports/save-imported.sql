-- $1 import; $2 supply points, $3 directions, $4 days from 1970, $7 resolutions in s, parallel; $5 their quarters and $6 their
-- statuses, end to end. Only days of which a byte changes come here: the revision grows with each.
insert into imported_day as h (supply_point_id, direction, day, quarters, statuses, resolution_s, import_id)
select
  f.supply_point_id,
  f.direction,
  date '1970-01-01' + f.day,
  substring($5::bytea from (384 * (f.place - 1) + 1)::integer for 384),
  substring($6::bytea from (96 * (f.place - 1) + 1)::integer for 96),
  f.resolution_s,
  $1
from unnest($2::integer[], $3::text[], $4::integer[], $7::integer[])
  with ordinality as f (supply_point_id, direction, day, resolution_s, place)
on conflict (supply_point_id, direction, day) do update
set
  quarters = excluded.quarters,
  statuses = excluded.statuses,
  resolution_s = excluded.resolution_s,
  import_id = excluded.import_id,
  revision = h.revision + 1
