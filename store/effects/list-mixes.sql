-- $2 supply points, $3 from, $4 to: civil dates, exclusive. Contracts that touch the span, without their prices.
select
  c.supply_point_id as "supplyPointId",
  c.starts_on as "startsOn",
  c.ends_on as "endsOn",
  c.green_millionths as "greenMillionths"
from contract c
join seen_supply_point s on s.id = c.supply_point_id
where c.supply_point_id = any ($2::integer[])
  and s.measured
  and c.starts_on < $4::date
  and (c.ends_on is null or c.ends_on > $3::date)
order by c.supply_point_id, c.starts_on
