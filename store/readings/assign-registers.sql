-- $1 registers just created, $2 quantities of which a total and its parts per tariff must not be added.
-- Of several supply points of one carrier the one that has the register's direction is taken, else the oldest. Which way a
-- register without direction counts nobody says (net power, a part): a point that only feeds in is its last resort.
-- A register that another meter had before it under this name counts from its first value on (save-days.sql), else from ever.
insert into register_assignment (register_id, supply_point_id, role, starts_at, starts_with_values)
select
  r.id,
  s.id,
  case
    when r.kind = 'cumulative'
      and r.quantity = any($2::text[])
      and r.tariff is null
      and exists (
        select 1
        from register part
        where part.device_id = r.device_id
          and part.equipment_id = r.equipment_id
          and part.carrier = r.carrier
          and part.quantity = r.quantity
          and part.kind = r.kind
          and part.direction is not distinct from r.direction
          and part.tariff is not null
      )
    then 'sub'
    else 'main'
  end,
  case when elder.is_there then now() else '-infinity' end,
  elder.is_there
from register r
cross join lateral (
  select exists (
    select 1
    from register e
    where e.device_id = r.device_id
      and e.name = r.name
      and e.equipment_id <> r.equipment_id
      and e.quantity = r.quantity
      and e.kind = r.kind
      and e.carrier is not distinct from r.carrier
      and e.direction is not distinct from r.direction
      and e.tariff is not distinct from r.tariff
      and not e.id = any($1::integer[])
  ) as is_there
) elder
cross join lateral (
  select sp.id
  from device_supply_point d
  join supply_point sp on sp.id = d.supply_point_id
  where d.device_id = r.device_id
    and sp.carrier = r.carrier
  order by (sp.direction in ('both', coalesce(r.direction, 'import'))) desc, sp.id
  limit 1
) s
where r.id = any($1::integer[])
