-- $1 devices.
select
  r.id,
  r.device_id as "deviceId",
  r.name,
  r.equipment_id as "equipmentId",
  r.quantity,
  r.unit,
  r.kind,
  r.keep_every_s as "keepEveryS",
  r.interpolate_max_s as "interpolateMaxS",
  (
    select a.supply_point_id
    from register_assignment a
    where a.register_id = r.id
      and a.starts_at <= now()
      and a.ends_at > now()
    limit 1
  ) as "supplyPointId"
from register r
where r.device_id = any($1::integer[])
