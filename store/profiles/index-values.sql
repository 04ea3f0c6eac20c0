-- $1 devices, $2 from, $3 to (both inclusive), parallel; $4 registers of interest.
-- One row per device and layout, its readings as one value: (instant, int8 us since 2000) (clock, int2) (size, int4) (values).
select
  w.device_id,
  l.register_ids,
  s.packed
from unnest($1::integer[], $2::timestamptz[], $3::timestamptz[]) as w (device_id, from_at, to_at)
join layout l on l.device_id = w.device_id and l.register_ids && $4::integer[]
cross join lateral (
  select string_agg(
    timestamptz_send(r.observed_at) || int2send(r.clock) || int4send(octet_length(r."values")) || r."values",
    ''::bytea
  ) as packed
  from reading r
  where r.device_id = l.device_id
    and r.layout_id = l.id
    and r.observed_at >= w.from_at
    and r.observed_at <= w.to_at
) s
where s.packed is not null
