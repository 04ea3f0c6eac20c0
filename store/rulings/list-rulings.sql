-- $1 registers. What people said of them and did not take back, oldest first.
select
  register_id,
  id,
  kind,
  (extract(epoch from from_at) * 1000)::float8 as from_ms,
  (extract(epoch from to_at) * 1000)::float8 as to_ms,
  closing_index::text as closing_index,
  opening_index::text as opening_index
from register_ruling
where register_id = any ($1::integer[])
  and withdrawn_at is null
order by id
