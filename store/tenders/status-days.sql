-- $1 supply points, $2 how many days before the last row, or null; $3, $4 else: the first day, and the first day after.
-- Rows are ordered before they are aggregated: an order within each aggregate is a sort of its own.
-- Quarter-hours' statuses without their energies, a row per assignment of a main register, and one of register 0 per supply
-- point with imported history.
with source as (
  select
    a.supply_point_id,
    a.register_id,
    (extract(epoch from a.starts_at) * 1000)::float8 as from_ms,
    (extract(epoch from a.ends_at) * 1000)::float8 as to_ms
  from register_assignment a
  join register r on r.id = a.register_id
  join supply_point s on s.id = a.supply_point_id
  where a.supply_point_id = any ($1::integer[])
    and a.role = 'main'
    and r.kind = 'cumulative'
    and r.quantity = case when s.carrier in ('electricity', 'heat') then 'energy' else 'volume' end
    and coalesce(r.direction, 'import') = 'import'
),
bound as (
  select
    id as supply_point_id,
    case when $2::integer is null then $3::date else last_day - $2::integer + 1 end as from_day,
    case when $2::integer is null then $4::date else last_day + 1 end as to_day
  from unnest($1::integer[]) as id
  cross join lateral (
    select greatest(
      (
        select max(last.day)
        from source
        cross join lateral (
          select d.day
          from load_profile_day d
          where d.register_id = source.register_id
          order by d.day desc
          limit 1
        ) last
        where source.supply_point_id = id
      ),
      (select max(i.day) from imported_day i where i.supply_point_id = id and i.direction = 'import')
    ) as last_day
  ) l
)
select
  source.supply_point_id as "supplyPointId",
  source.register_id as "registerId",
  source.from_ms as "fromMs",
  source.to_ms as "toMs",
  coalesce(p.days, '{}') as days,
  coalesce(p.statuses, ''::bytea) as statuses
from source
join bound using (supply_point_id)
cross join lateral (
  select array_agg(d.day - date '1970-01-01') as days, string_agg(d.statuses, ''::bytea) as statuses
  from (
    select day, statuses
    from load_profile_day
    where register_id = source.register_id
      and day >= bound.from_day
      and day < bound.to_day
    order by day
  ) d
) p
union all
select
  bound.supply_point_id,
  0,
  '-infinity'::float8,
  'infinity'::float8,
  p.days,
  p.statuses
from bound
cross join lateral (
  select array_agg(i.day - date '1970-01-01') as days, string_agg(i.statuses, ''::bytea) as statuses
  from (
    select day, statuses
    from imported_day
    where supply_point_id = bound.supply_point_id
      and direction = 'import'
      and day >= bound.from_day
      and day < bound.to_day
    order by day
  ) i
) p
where p.days is not null
order by 1, 2, 3
