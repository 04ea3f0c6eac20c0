-- $2 buildings, $3 carrier: their supply points with what enrolment asks, on the viewer's day in the building's zone.
select
  s.id as "supplyPointId",
  s.building_id as "buildingId",
  s.code,
  s.carrier,
  s.direction,
  s.scope,
  exists (
    select 1
    from consent c
    where c.supply_point_id = s.id
      and c.purpose = 'tender'
      and c.starts_at <= v.at
      and (c.ends_at is null or c.ends_at > v.at)
      and c.withdrawn_at is null
  ) as "tenderConsent",
  exists (
    select 1
    from register_assignment a
    join register r on r.id = a.register_id
    join device d on d.id = r.device_id
    where a.supply_point_id = s.id
      and a.role = 'main'
      and a.starts_at <= v.at
      and a.ends_at > v.at
      and d.removed_at is null
  ) as "fedByDevice",
  (
    select json_build_object(
      'supplier', c.supplier,
      'priceNanoPerKwh', c.price_nano_per_kwh::text,
      'annualFeeMicro', c.annual_fee_micro::text,
      'currency', c.currency,
      'vatMillionths', case when c.vat = 'included' then (s.vat_rate * 1000000)::integer else 0 end,
      'greenMillionths', c.green_millionths
    )
    from contract c
    where c.supply_point_id = s.id
      and c.starts_on <= (v.at at time zone b.timezone)::date
      and (c.ends_on is null or c.ends_on > (v.at at time zone b.timezone)::date)
    order by c.starts_on desc
    limit 1
  ) as contract
from seen_building seen
join building b on b.id = seen.id
join supply_point s on s.building_id = b.id
cross join viewer v
where b.id = any ($2::integer[])
  and s.carrier = $3
order by s.building_id, s.id
