-- $1 journal rows to look at, $2 pairs after which no further row is taken; the arrays as PostgreSQL sends them in binary.
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
)
delete from journal
where id = any (array(select id from measured where pairs_before < $2))
returning id, array_send(register_ids) as register_ids, array_send(days) as days, late, cause
