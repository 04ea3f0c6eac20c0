-- $1 zone, $2 from, $3 first civil date after the period: each quarter-hour by the clock on the wall, asked once.
insert into plain_calendar (from_at, day, month, peak, winter)
select
  from_at,
  clock::date,
  to_char(clock, 'YYYY-MM'),
  extract(isodow from clock) < 6 and extract(hour from clock) between 8 and 19,
  extract(month from clock) >= 10 or extract(month from clock) <= 3
from generate_series(
  $2::date::timestamp at time zone $1,
  $3::date::timestamp at time zone $1 - interval '15 minutes',
  interval '15 minutes'
) from_at
cross join lateral (select from_at at time zone $1 as clock) c
