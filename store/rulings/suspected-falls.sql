-- $1 registers, $2 falls at most of each. Indices that fell to another level, about which nobody has ruled yet: a decision is made
-- anew some time after a ruling, so the ruling itself is asked for. That a reading is one says nothing of the fall before it.
select
  r.id,
  (extract(epoch from f.from_at) * 1000)::float8 as "sinceMs",
  (extract(epoch from f.to_at) * 1000)::float8 as "atMs",
  f.from_index::text as "closingIndex",
  f.to_index::text as "openingIndex"
from unnest($1::integer[]) as r (id)
cross join lateral (
  select d.from_at, d.to_at, d.from_index, d.to_index
  from register_decision d
  where d.register_id = r.id
    and d.kind = 'swap'
    and d.ruling_id is null
    and not exists (
      select 1
      from register_ruling u
      where u.register_id = d.register_id
        and u.withdrawn_at is null
        and (u.kind <> 'ok' or u.from_at < u.to_at)
        and u.from_at <= d.to_at
        and u.to_at >= d.from_at
    )
  order by d.from_at desc
  limit $2
) f
order by f.from_at
