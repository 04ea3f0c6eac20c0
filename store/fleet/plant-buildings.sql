-- $1 how many buildings, $2 dwellings of each; in the order of their numbers.
with owner as (
  insert into organisation (name, kind)
  values ('Load', 'coordinator')
  returning id
)
insert into building (organisation_id, name, address, postal_code, country, region, timezone, dwellings)
select
  owner.id,
  'Load ' || to_char(nth, 'FM000000'),
  'Rue de la Charge ' || nth,
  '1000',
  'BE',
  'BE-BRU',
  'Europe/Brussels',
  $2::integer
from owner
cross join generate_series(1, $1::integer) as nth
order by nth
returning id
