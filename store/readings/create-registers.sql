-- $1 registers a device may have, then parallel: devices, and a column each of the registers that they speak of. `offset 0` keeps
-- the look-up of a register at its name: the planner would read all registers there are, for a few hundred.
insert into register (
  device_id, name, equipment_id, carrier, quantity, unit, kind, tariff, direction, keep_every_s
)
select device_id, name, equipment_id, carrier, quantity, unit, kind, tariff, direction, keep_every_s
from (
  select seen.*, row_number() over (partition by seen.device_id order by seen.place) as nth
  from unnest(
    $2::integer[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::integer[]
  ) with ordinality
    as seen (
      device_id, name, equipment_id, carrier, quantity, unit, kind, tariff, direction, keep_every_s, place
    )
  where not exists (
    select 1
    from register known
    where known.device_id = seen.device_id
      and known.name = seen.name
      and known.equipment_id = seen.equipment_id
    offset 0
  )
) fresh
where nth <= $1 - (select count(*) from register known where known.device_id = fresh.device_id)
order by device_id, place
on conflict do nothing
returning id, tariff
