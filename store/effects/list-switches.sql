-- $2 a building or null for all, $3 a tender or null for all, $4 a currency, $5 carriers. All contracts of the supply points
-- that a tender brought one; of that one also the snapshot of the contract before it and the bid that won. "hidden": a
-- manager gets households too, to hide them among each other. "open": the viewer may see what this contract saved by itself.
-- Who runs the tender follows up those who took part, by the tender's own consent: once the award is made the
-- participation stands for one that has run out, but not for one that was withdrawn, nor after the building has left.
, switched as (
  select distinct c.supply_point_id
  from contract c
  where c.tender_id is not null
    and ($3::integer is null or c.tender_id = $3)
    and c.currency = $4
)
select
  s.id as "supplyPointId",
  s.building_id as "buildingId",
  s.carrier,
  b.timezone,
  b.country,
  seen.measured is not true and v.role = 'manager' as hidden,
  coalesce(seen.measured, false)
    or (
      exists (
        select 1
        from seen_tender runner
        where runner.id = p.tender_id
          and runner.runs
      )
      and (
        exists (
          select 1
          from consent k
          where k.supply_point_id = s.id
            and k.purpose = 'tender'
            and k.starts_at <= v.at
            and (k.ends_at is null or k.ends_at > v.at)
            and k.withdrawn_at is null
        )
        or (
          exists (
            select 1
            from tender_participant part
            where part.tender_id = p.tender_id
              and part.building_id = p.building_id
              and part.left_at is null
          )
          and (
            select k.withdrawn_at
            from consent k
            where k.supply_point_id = s.id
              and k.purpose = 'tender'
              and k.starts_at <= v.at
            order by k.id desc
            limit 1
          ) is null
        )
      )
    ) as open,
  c.starts_on as "startsOn",
  c.ends_on as "endsOn",
  c.supplier,
  c.price_nano_per_kwh as "priceNanoPerKwh",
  c.annual_fee_micro as "annualFeeMicro",
  case when c.vat = 'included' then (s.vat_rate * 1000000)::integer else 0 end as "vatMillionths",
  c.green_millionths as "greenMillionths",
  p.tender_id as "tenderId",
  p.current_price_nano_per_kwh as "oldPriceNanoPerKwh",
  p.current_annual_fee_micro as "oldAnnualFeeMicro",
  p.current_vat_millionths as "oldVatMillionths",
  p.current_green_millionths as "oldGreenMillionths",
  p.annual_wh as "annualWh",
  bid.price_nano_per_kwh as "bidPriceNanoPerKwh",
  bid.annual_fee_micro as "bidAnnualFeeMicro"
from switched
join supply_point s on s.id = switched.supply_point_id
join seen_building sb on sb.id = s.building_id
join building b on b.id = s.building_id
cross join viewer v
left join seen_supply_point seen on seen.id = s.id
join contract c on c.supply_point_id = s.id
left join tender_supply_point p
  on p.tender_id = c.tender_id
  and p.supply_point_id = s.id
  and ($3::integer is null or c.tender_id = $3)
  and c.currency = $4
left join tender_award a on a.tender_id = p.tender_id
left join tender_bid bid on bid.id = a.bid_id
where ($2::integer is null or s.building_id = $2)
  and s.carrier = any ($5::text[])
  and (seen.id is not null or (v.role = 'manager' and s.scope = 'private'))
order by s.id, c.starts_on
