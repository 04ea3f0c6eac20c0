-- $2 the device after which the page begins, $3 devices at most. Continues the viewer's tables (scope.sql).
-- Devices are decided on before their messages, which are many more. The last one, an administrator's only, stands for all messages together that name no known device.
,
holding as (
  select s.id
  from (
    select d.id
    from device d
    cross join viewer v
    where v.role = 'admin'
      or exists (select 1 from seen_device s where s.id = d.id and s.measured)
  ) s
  where s.id > $2
    and exists (select 1 from seen_quarantine q where q.device_id = s.id)
  order by s.id
  limit $3
),
anonymous as (
  select 2147483647 as id
  from viewer v
  where v.role = 'admin'
    and $2 < 2147483647
    and exists (select 1 from seen_quarantine q where q.device_id is null)
),
counted as (
  select h.id, q.reason, q.replayed_at, q.payload
  from holding h
  join seen_quarantine q on q.device_id = h.id
  union all
  select a.id, q.reason, q.replayed_at, q.payload
  from anonymous a
  join seen_quarantine q on q.device_id is null
),
per_reason as (
  select
    id,
    reason,
    count(*) filter (where replayed_at is null) as waiting,
    count(*) filter (where replayed_at is not null) as replayed,
    sum(octet_length(payload)) as bytes
  from counted
  group by id, reason
)
select
  p.id,
  d.building_id as "buildingId",
  d.name,
  sum(p.waiting)::integer as waiting,
  sum(p.replayed)::integer as replayed,
  sum(p.bytes)::float8 as bytes,
  json_object_agg(p.reason, p.waiting order by p.reason) filter (where p.waiting > 0) as reasons
from per_reason p
left join device d on d.id = p.id
group by p.id, d.building_id, d.name
order by p.id
limit $3
