-- $1 building. Of each zone that concerns it the newest version per date; the most particular zone first.
select distinct on (place.rank, c.from_on)
  c.zone,
  c.from_on::text as "from",
  c.version,
  c.kwh_per_m3::text as "kwhPerM3",
  place.rank
from building b
cross join lateral (values (1, b.gas_zone), (2, b.region), (3, b.country)) as place (rank, zone)
join calorific_value c on c.zone = place.zone
where b.id = $1
order by place.rank, c.from_on, c.version desc
