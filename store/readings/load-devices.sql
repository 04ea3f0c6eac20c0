-- $1 devices; those that were removed are left out.
select
  d.id,
  d.building_id as "buildingId",
  d.profile,
  d.expected_interval_s as "expectedIntervalS",
  b.timezone,
  d.parent_id as "parentId"
from device d
join building b on b.id = d.building_id
where d.id = any($1::integer[])
  and d.removed_at is null
