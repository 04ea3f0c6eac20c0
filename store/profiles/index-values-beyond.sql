-- $1 devices, $2 instants, $3 whether before (else after), parallel; $4 registers; $5 rows of each layout.
-- The readings nearest to an instant on one side of it, packed as in index-values.sql. With
-- ties: of an instant that several values disagree about all are there, or none, else which one counts would depend on the limit.
select
  w.place::integer as place,
  l.register_ids,
  s.row_count,
  s.packed
from unnest($1::integer[], $2::timestamptz[], $3::boolean[])
  with ordinality as w (device_id, at, before, place)
join layout l on l.device_id = w.device_id and l.register_ids && $4::integer[]
cross join lateral (
  select
    count(*)::integer as row_count,
    string_agg(
      timestamptz_send(n.observed_at) || int2send(n.clock) || int4send(octet_length(n."values")) || n."values",
      ''::bytea
    ) as packed
  from (
    (
      select r.observed_at, r.clock, r."values"
      from reading r
      where w.before and r.device_id = l.device_id and r.layout_id = l.id and r.observed_at < w.at
      order by r.observed_at desc
      fetch first $5 rows with ties
    )
    union all
    (
      select r.observed_at, r.clock, r."values"
      from reading r
      where not w.before and r.device_id = l.device_id and r.layout_id = l.id and r.observed_at > w.at
      order by r.observed_at
      fetch first $5 rows with ties
    )
  ) n
) s
where s.packed is not null
