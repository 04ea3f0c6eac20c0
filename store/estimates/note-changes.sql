-- $1 layer, $2 registers (0: none), $3 supply points (0: none), $4 directions ('': none), $5 days, $6 causes, $7 imports (0: none),
-- $8 and $9 before, $10 and $11 after, $12 revisions, parallel.
insert into load_change
  (layer, register_id, supply_point_id, direction, day, cause, import_id, before_quarters, before_statuses, after_quarters, after_statuses,
   revision)
select
  $1, nullif(register_id, 0), nullif(supply_point_id, 0), nullif(direction, ''), day, cause, nullif(import_id, 0),
  before_quarters, before_statuses, after_quarters, after_statuses, revision
from unnest(
  $2::integer[], $3::integer[], $4::text[], $5::date[], $6::text[], $7::integer[],
  $8::bytea[], $9::bytea[], $10::bytea[], $11::bytea[], $12::integer[]
) as changed (
  register_id, supply_point_id, direction, day, cause, import_id,
  before_quarters, before_statuses, after_quarters, after_statuses, revision
)
