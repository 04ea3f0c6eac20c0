-- $3 received before, $4 rows at most. Goes on in delete-counted.sql. Rows that another transaction
-- holds are left for the next time. A row that somebody took to read again goes all the same, nobody holds it while it is
-- read: what is made of it is committed without it.
with doomed as (
  select id
  from quarantine
  where received_at < $3
  order by received_at
  limit $4
  for update skip locked
)
