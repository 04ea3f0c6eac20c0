-- $1 register, $2 from, $3 to, $4 rows at most, $5 to $7 the row after which the page begins.
select
  r.layout_id,
  r.observed_at,
  r.received_at,
  r.clock,
  r.flags,
  r.fingerprint,
  r."values",
  array_position(l.register_ids, $1::integer) as position
from register g
join layout l on l.device_id = g.device_id and l.register_ids @> array[$1::integer]
join reading r on r.device_id = l.device_id and r.layout_id = l.id
where g.id = $1
  and r.observed_at >= $2
  and r.observed_at < $3
  and (
    $5::timestamptz is null
    or (r.observed_at, r.layout_id, r.fingerprint) > ($5::timestamptz, $6::integer, $7::bigint)
  )
order by r.observed_at, r.layout_id, r.fingerprint
limit $4
