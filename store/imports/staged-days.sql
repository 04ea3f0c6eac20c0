-- A page of what a file says ($1: the import), beside what is held. $2, $3, $4: the last supply point, direction and day of
-- the page before; $5: how many. Days from 1970.
select
  f.supply_point_id as "supplyPointId",
  s.code,
  f.direction,
  f.day - date '1970-01-01' as day,
  f.quarters,
  f.statuses,
  f.resolution_s as "resolutionS",
  h.quarters as "heldQuarters",
  h.statuses as "heldStatuses",
  h.resolution_s as "heldResolutionS",
  h.revision as "heldRevision"
from import_day f
join supply_point s on s.id = f.supply_point_id
left join imported_day h
  on h.supply_point_id = f.supply_point_id
  and h.direction = f.direction
  and h.day = f.day
where f.import_id = $1
  and (f.supply_point_id, f.direction, f.day) > ($2::integer, $3::text, date '1970-01-01' + $4::integer)
order by f.supply_point_id, f.direction, f.day
limit $5
