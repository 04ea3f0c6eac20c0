-- $1 devices, $2 since. The newest row of every layout, with the registers in the layout's order.
select
  newest.device_id,
  newest.observed_at,
  newest."values",
  (
    select json_agg(
      case
        when g.id is not null then
          json_build_object(
            'registerId', g.id,
            'supplyPointId', a.supply_point_id,
            'name', g.name,
            'quantity', g.quantity,
            'unit', g.unit
          )
      end
      order by i.place
    )
    from unnest(l.register_ids) with ordinality as i (register_id, place)
    left join register g on g.id = i.register_id
    left join register_assignment a
      on a.register_id = g.id
      and a.starts_at <= now()
      and a.ends_at > now()
  ) as registers
from layout l
cross join lateral (
  select r.device_id, r.observed_at, r."values"
  from reading r
  where r.device_id = l.device_id
    and r.layout_id = l.id
    and r.observed_at >= $2
  order by r.observed_at desc, r.clock
  limit 1
) newest
where l.device_id = any($1::integer[])
