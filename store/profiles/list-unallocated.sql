-- $1 registers, $2 from, $3 to, parallel: the pieces that overlap each span.
select
  u.register_id,
  (extract(epoch from u.from_at) * 1000)::float8 as from_ms,
  (extract(epoch from u.to_at) * 1000)::float8 as to_ms,
  u.energy::float8 as energy,
  u.cause
from unnest($1::integer[], $2::timestamptz[], $3::timestamptz[]) as w (register_id, from_at, to_at)
join unallocated u
  on u.register_id = w.register_id
  and u.from_at < w.to_at
  and u.to_at > w.from_at
order by u.register_id, u.from_at, u.cause
