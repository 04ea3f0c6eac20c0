-- $1 supply points, $2 direction, $3 from, $4 to (exclusive), $5 first UTC day, $6 first UTC day after.
-- A row per assignment, with what was measured and what was estimated, and one of register 0 per supply point with imported history; their days packed in order. One
-- statement, so that registers and imports are of the same moment. A meter of several quantities (heat: energy and volume)
-- feeds the profile with its carrier's quantity only. Days come ordered out of the index: an `order by` within the aggregates
-- sorts them anew for each of them, at nine times the price. Nor are the rows sorted here: each holds 175 kB a year, and a sort
-- carries them all; whoever reads them does it with what they are sorted by. `offset 0` keeps the look-up of a register at its
-- assignment: the planner takes its conditions for rarer than they are, and would try every register with every supply point.
-- `r.id is not null` has days read after it; by `r.id` alone, of which nothing is known, it would remember whole years (Memoize).
select
  r.id as register_id,
  a.supply_point_id,
  (extract(epoch from a.starts_at) * 1000)::float8 as from_ms,
  (extract(epoch from a.ends_at) * 1000)::float8 as to_ms,
  p.days,
  p.revisions,
  p.quarters,
  p.statuses,
  e.days as estimated_days,
  e.revisions as estimated_revisions,
  e.quarters as estimated_quarters,
  e.statuses as estimated_statuses
from register_assignment a
cross join lateral (
  select g.id
  from register g
  join supply_point s on s.id = a.supply_point_id
  where g.id = a.register_id
    and g.kind = 'cumulative'
    and g.quantity = case when s.carrier in ('electricity', 'heat') then 'energy' else 'volume' end
    and coalesce(g.direction, 'import') = $2
  offset 0
) r
cross join lateral (
  select
    array_agg(o.day - date '1970-01-01') as days,
    array_agg(o.revision) as revisions,
    string_agg(o.quarters, ''::bytea) as quarters,
    string_agg(o.statuses, ''::bytea) as statuses
  from (
    select d.day, d.revision, d.quarters, d.statuses
    from load_profile_day d
    where d.register_id = a.register_id
      and r.id is not null
      and d.day >= $5::date
      and d.day < $6::date
    order by d.day
  ) o
) p
cross join lateral (
  select
    array_agg(o.day - date '1970-01-01') as days,
    array_agg(o.revision) as revisions,
    string_agg(o.quarters, ''::bytea) as quarters,
    string_agg(o.statuses, ''::bytea) as statuses
  from (
    select d.day, d.revision, d.quarters, d.statuses
    from estimated_day d
    where d.register_id = a.register_id
      and r.id is not null
      and d.day >= $5::date
      and d.day < $6::date
    order by d.day
  ) o
) e
where a.supply_point_id = any ($1::integer[])
  and a.role = 'main'
  and a.starts_at < $4::timestamptz
  and a.ends_at > $3::timestamptz
union all
select
  0,
  s.id,
  '-infinity'::float8,
  'infinity'::float8,
  i.days,
  i.revisions,
  i.quarters,
  i.statuses,
  null::integer[],
  null::integer[],
  null::bytea,
  null::bytea
from unnest($1::integer[]) as s (id)
cross join lateral (
  select
    array_agg(o.day - date '1970-01-01') as days,
    array_agg(o.revision) as revisions,
    string_agg(o.quarters, ''::bytea) as quarters,
    string_agg(o.statuses, ''::bytea) as statuses
  from (
    select d.day, d.revision, d.quarters, d.statuses
    from imported_day d
    where d.supply_point_id = s.id
      and d.direction = $2
      and d.day >= $5::date
      and d.day < $6::date
    order by d.day
  ) o
) i
where i.days is not null
