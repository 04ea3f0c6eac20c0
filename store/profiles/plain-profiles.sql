-- $1 registers, $2 first UTC day, $3 days. Shifts are whole weeks: a Sunday stays one.
insert into load_profile_day (register_id, day, quarters, statuses, computed_at)
select r.id, $2::date + d.number, s.quarters, s.statuses, now()
from unnest($1::integer[]) with ordinality as r (id, number)
cross join (
  select max(variant) + 1 as variants, max(day_offset) + 1 as days
  from bench_shape
) shapes
cross join generate_series(0, $3::integer - 1) as d (number)
join bench_shape s
  on s.variant = (r.number - 1) % shapes.variants
  and s.day_offset = (d.number + 7 * ((r.number - 1) / shapes.variants)) % shapes.days
