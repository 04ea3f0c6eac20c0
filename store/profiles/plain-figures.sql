-- $1 first civil date after the period, $2 fewest participants of a quarter-hour that is shown. One supply point a
-- participant. Statuses as in load_profile_day: 0 is missing, from 3 on a day counts as measured. Two passes over the
-- rows, each shared by parallel workers; the clock on the wall stands in plain_calendar.
with point_day as materialized (
  select
    q.supply_point_id,
    c.day,
    min(q.status) as worst,
    sum(q.wh) as wh,
    max(q.wh) as max_wh,
    count(*) as quarters,
    count(*) filter (where q.status >= 4) as measured,
    count(*) filter (where q.status = 0) as missing
  from plain_quarter q
  join plain_calendar c using (from_at)
  group by q.supply_point_id, c.day
),
point as (
  select
    max(max_wh) as max_wh,
    sum(quarters) as quarters,
    sum(measured) as measured,
    sum(missing) as missing,
    count(*) filter (where is_counted) as days,
    sum(wh) filter (where is_counted) as wh
  from point_day
  cross join lateral (select worst >= 3 and day >= $1::date - 365 as is_counted) c
  group by supply_point_id
),
quarter as materialized (
  select c.*, q.wh
  from plain_calendar c
  join (
    select from_at, sum(wh) as wh
    from plain_quarter
    where status > 0
    group by from_at
    having count(*) >= $2
  ) q using (from_at)
),
month as (
  select month, sum(wh) as wh
  from quarter
  group by month
)
select
  (select count(*) from point)::float8 as participants,
  (select sum(round(wh * 365 / days)) from point)::float8 as "annualWh",
  (select min(days) from point)::float8 as "basisDays",
  (select json_build_array(sum(measured), sum(missing), sum(quarters)) from point) as quality,
  (select sum(max_wh) from point)::float8 as "sumOfMaximaWh",
  sum(wh)::float8 as "measuredWh",
  coalesce(sum(wh) filter (where peak), 0)::float8 as "peakWh",
  coalesce(sum(wh) filter (where winter), 0)::float8 as "winterWh",
  max(wh)::float8 as "maxWh",
  (array_agg(from_at order by wh desc, from_at))[1] as "maxAt",
  count(*)::float8 as quarters,
  (select json_agg(json_build_object('month', month, 'wh', wh) order by month) from month) as "monthlyWh"
from quarter
