-- $1 gateways. Children that were removed are strangers again.
select
  d.parent_id as "parentId",
  d.external_id as "externalId",
  d.id,
  d.building_id as "buildingId",
  d.profile,
  d.expected_interval_s as "expectedIntervalS",
  b.timezone
from device d
join building b on b.id = d.building_id
where d.parent_id = any($1::integer[])
  and d.external_id is not null
  and d.removed_at is null
