-- $1 layouts a device may have, then parallel: devices, and the registers of each layout that they need. `offset 0` as in
-- create-registers.sql.
insert into layout (device_id, register_ids)
select device_id, register_ids
from (
  select met.*, row_number() over (partition by met.device_id order by met.place) as nth
  from (
    select device_id, register_ids::integer[] as register_ids, min(place) as place
    from unnest($2::integer[], $3::text[]) with ordinality as told (device_id, register_ids, place)
    group by device_id, register_ids
  ) met
  where not exists (
    select 1
    from layout known
    where known.device_id = met.device_id
      and known.register_ids = met.register_ids
    offset 0
  )
) fresh
where nth <= $1 - (select count(*) from layout known where known.device_id = fresh.device_id)
order by device_id, place
on conflict do nothing
