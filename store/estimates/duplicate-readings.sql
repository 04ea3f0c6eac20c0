-- $1 devices, $2 registers, $3 from, $4 to (exclusive), $5 instants at most: rows of one layout and instant that differ in some value.
select
  r.observed_at as "observedAt",
  l.register_ids as "registerIds",
  array_agg(r."values") as packed
from layout l
join reading r on r.device_id = l.device_id and r.layout_id = l.id
where l.device_id = any ($1::integer[])
  and l.register_ids && $2::integer[]
  and r.observed_at >= $3
  and r.observed_at < $4
  and (r.device_id, r.observed_at, r.layout_id) in (
    select d.device_id, d.observed_at, d.layout_id
    from reading d
    where d.device_id = any ($1::integer[])
      and d.observed_at >= $3
      and d.observed_at < $4
    group by d.device_id, d.observed_at, d.layout_id
    having count(*) > 1
    order by d.observed_at
    limit $5
  )
group by r.device_id, r.observed_at, r.layout_id, l.register_ids
order by r.observed_at
