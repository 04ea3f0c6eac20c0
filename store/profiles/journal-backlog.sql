-- $1 rows counted at most: a journal that nobody works through grows by millions a day, and counting must stay cheap.
select
  (select count(*)::integer from (select from journal limit $1) as counted) as "rowCount",
  (
    select count(*)::integer
    from (select from journal where not_before <= now() limit $1) as counted
  ) as "dueCount",
  coalesce(
    (select extract(epoch from now() - min(not_before))::float8 from journal where not_before <= now()),
    0
  ) as "lagS"
