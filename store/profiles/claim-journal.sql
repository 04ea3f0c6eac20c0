-- $1 journal rows to look at, $2 pairs after which no further row is taken.
-- Rows claimed by another worker are skipped; those deleted here come back by themselves if the transaction fails.
with due as (
  select id, register_ids, not_before
  from journal
  where not_before <= now()
  order by not_before, id
  limit $1
  for update skip locked
),
measured as (
  select
    id,
    sum(cardinality(register_ids)) over (order by not_before, id) - cardinality(register_ids) as pairs_before
  from due
),
claimed as (
  delete from journal
  where id in (select id from measured where pairs_before < $2)
  returning register_ids, days, late, cause
),
pair as (
  select register_id, day, bool_or(late) as late, max(cause) as cause -- in the order of STALE_CAUSES, which is that of the alphabet
  from claimed
  cross join lateral unnest(claimed.register_ids, claimed.days) as touched (register_id, day)
  group by register_id, day
)
select
  r.device_id,
  p.register_id,
  p.day - date '1970-01-01' as day,
  r.carrier,
  r.quantity,
  r.unit,
  r.interpolate_max_s,
  r.max_per_hour,
  k.connection_kva,
  p.late,
  p.cause,
  extract(epoch from now() - d.computed_at)::float8 * 1000 as computed_ago_ms
from pair p
join register r on r.id = p.register_id
left join load_profile_day d on d.register_id = p.register_id and d.day = p.day
left join lateral (
  select max(s.connection_kva)::float8 as connection_kva
  from register_assignment a
  join supply_point s on s.id = a.supply_point_id
  where a.register_id = r.id
) k on true
where r.kind = 'cumulative'
  and r.quantity in ('energy', 'volume')
order by r.device_id, p.day, p.register_id
