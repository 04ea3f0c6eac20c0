-- $1 registers, ordered by day; $2 the days; $3 how many registers each day has; $4 whether any reading was late.
insert into journal (register_ids, days, late)
select
  $1::integer[],
  array(
    select day
    from unnest($2::date[], $3::integer[]) with ordinality as touched (day, registers, place)
    cross join generate_series(1, registers)
    order by place
  ),
  $4::boolean
