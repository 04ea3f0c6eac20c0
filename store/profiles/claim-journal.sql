-- $1 journal rows to look at, $2 pairs at most, but one row at least; the arrays as PostgreSQL sends them in binary.
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
    cardinality(register_ids) as pairs,
    sum(cardinality(register_ids)) over (order by not_before, id) as pairs_so_far
  from due
)
delete from journal
where id = any (array(select id from measured where pairs_so_far <= $2 or pairs_so_far = pairs))
returning id, array_send(register_ids) as register_ids, array_send(days) as days, late, cause
