-- $1 registers just created, $2 quantities of which a total and its parts per tariff must not be added.
-- Of several supply points of one carrier the one that has the register's direction is taken, else the oldest. Which way a
-- register without direction counts nobody says (net power, a part): a point that only feeds in is its last resort.
insert into register_assignment (register_id, supply_point_id, role)
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
  end
from register r
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
